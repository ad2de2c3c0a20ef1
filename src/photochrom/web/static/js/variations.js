// Other colourings the network thinks possible, as small pictures to choose from.
import { complain, say } from "./alerts.js";
import { find, make } from "./dom.js";
import { painter } from "./painter.js";
import { call, callJson } from "./server.js";
import { session } from "./session.js";
import { modelOf, same, toOptions } from "./settings.js";
import { onLanguage, text } from "./texts.js";

const BATCH = 4;
const MOST = 12;
const SIZE = 320;
const QUIET = 1.2; // seconds after which variations come unasked
/** @type {import("./session.js").Item | null} */
let working = null;
/** what came unasked and may be given up @type {AbortController | null} */
let unasked = null;
/** the options of what is under way @type {any} */
let asked = null;

/** What variations are made of; the chosen one is no part of it. @param {import("./settings.js").Settings} settings */
const base = (settings) => toOptions({ ...settings, variation: null });

/** @param {import("./session.js").Item} item @param {boolean} anew */
async function ask(item, anew, aloud = true) {
  const known = anew ? null : item.variations;
  const chosen = item.history.settings.variation;
  // after a reload the chosen one is among those that are shown
  const seed = known?.seed ?? (item.variations ? item.variations.seed + 1 : (chosen?.seed ?? 1));
  const options = base(item.history.settings);
  working = item;
  asked = options;
  draw();
  if (aloud) say(text("variations.working"));
  unasked = aloud ? null : new AbortController();
  const signal = unasked?.signal;
  try {
    const least = chosen?.seed === seed ? chosen.index + 1 : 0;
    const count = Math.min(Math.max((known?.found.length ?? 0) + BATCH, least), MOST);
    const first = known?.first ?? URL.createObjectURL(await (await call("POST", `photos/${item.facts.id}/colorize`, { json: { options, output: "preview", max_size: SIZE }, signal })).blob());
    const { variations } = await callJson("POST", `photos/${item.facts.id}/variations`, { json: { count, seed, max_size: SIZE, options }, signal });
    if (item.variations && item.variations.first !== first) URL.revokeObjectURL(item.variations.first);
    item.variations = { seed, options, first, found: variations };
    if (aloud) say(text("variations.done", { n: variations.length }));
  } catch (error) {
    if (aloud) complain(error); // nobody asked for what came unasked
  }
  working = null;
  unasked = null;
  draw();
}

function draw() {
  const item = session.current;
  if (item?.kind !== "photo" || !item.facts) return;
  const model = modelOf(item.history.settings);
  const able = Boolean(model?.variations);
  const variations = able ? item.variations : undefined;
  const stale = Boolean(variations && !same(variations.options, base(item.history.settings)));
  const note = !able ? text("variations.not", { model: model?.name ?? "" }) : stale ? text("variations.stale") : variations ? "" : text("variations.none");
  find("variations-note").textContent = note;
  find("variations-note").hidden = !note;
  const box = find("variations");
  box.classList.toggle("stale", stale);
  const chosen = item.history.settings.variation;
  const tiles = variations ? [tile(item, null, chosen), ...variations.found.map((found) => tile(item, found, chosen))] : [];
  const focused = [...box.querySelectorAll("button")].indexOf(document.activeElement);
  box.replaceChildren(...tiles);
  if (focused >= 0) box.querySelectorAll("button")[focused]?.focus();
  const button = find("variations-show");
  const full = Boolean(variations && !stale && variations.found.length >= MOST);
  button.hidden = full;
  button.disabled = !able || working !== null || painter.shown?.item !== item;
  const label = text(stale ? "variations.renew" : variations ? "variations.more" : "variations.show");
  button.replaceChildren(...(working === item ? [make("span", { class: "spinner" })] : []), make("span", { text: label }));
}

/**
 * @param {import("./session.js").Item} item
 * @param {{seed: number, index: number, image: string} | null} found null for the network's first choice
 * @param {{seed: number, index: number} | null} chosen
 */
function tile(item, found, chosen) {
  const mark = found && { seed: found.seed, index: found.index };
  const label = found ? text("variations.item", { number: found.index + 1 }) : text("variations.first");
  const source = found?.image ?? item.variations?.first;
  const image = make("img", { src: source, alt: "" });
  const button = make("button", { type: "button", "aria-pressed": String(same(mark, chosen)), on: { click: () => session.set({ variation: mark }) } }, image, make("span", { text: label }));
  return make("li", {}, button);
}

let timer = 0;

/** Variations of the photo that is looked at, once it has stood still for a moment. */
function offerUnasked() {
  clearTimeout(timer);
  const item = session.current;
  const thrifty = /** @type {any} */ (navigator).connection?.saveData;
  if (thrifty || !item?.facts || item.variations || !modelOf(item.history.settings)?.variations) return;
  timer = window.setTimeout(() => {
    if (session.current === item && !item.variations && !painter.busy && working === null) ask(item, false, false);
  }, 1000 * QUIET);
}

export function startVariations() {
  find("variations-show").addEventListener("click", () => {
    const item = session.current;
    if (!item?.facts) return;
    ask(item, Boolean(item.variations) && !same(item.variations?.options, base(item.history.settings)));
  });
  session.on(["current", "settings", "items"], draw);
  // a person's own change is not kept waiting by them
  session.on(["settings", "current"], () => {
    if (working && (session.current !== working || !same(asked, base(working.history.settings)))) unasked?.abort();
  });
  painter.addEventListener("painted", () => { draw(); offerUnasked(); });
  onLanguage(draw);
}
