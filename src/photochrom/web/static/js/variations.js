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
/** @type {import("./session.js").Item | null} */
let working = null;

/** What variations are made of; the chosen one is no part of it. @param {import("./settings.js").Settings} settings */
const base = (settings) => toOptions({ ...settings, variation: null });

/** @param {import("./session.js").Item} item @param {boolean} anew */
async function ask(item, anew) {
  const known = anew ? null : item.variations;
  const seed = known?.seed ?? (item.variations ? item.variations.seed + 1 : 1);
  const options = base(item.history.settings);
  working = item;
  draw();
  say(text("variations.working"));
  try {
    const count = Math.min((known?.found.length ?? 0) + BATCH, MOST);
    const first = known?.first ?? URL.createObjectURL(await (await call("POST", `photos/${item.facts.id}/colorize`, { json: { options, output: "preview", max_size: SIZE } })).blob());
    const { variations } = await callJson("POST", `photos/${item.facts.id}/variations`, { json: { count, seed, max_size: SIZE, options } });
    if (item.variations && item.variations.first !== first) URL.revokeObjectURL(item.variations.first);
    item.variations = { seed, options, first, found: variations };
    say(text("variations.done", { n: variations.length }));
  } catch (error) {
    complain(error);
  }
  working = null;
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

export function startVariations() {
  find("variations-show").addEventListener("click", () => {
    const item = session.current;
    if (!item?.facts) return;
    ask(item, Boolean(item.variations) && !same(item.variations?.options, base(item.history.settings)));
  });
  session.on(["current", "settings", "items"], draw);
  painter.addEventListener("painted", draw);
  onLanguage(draw);
}
