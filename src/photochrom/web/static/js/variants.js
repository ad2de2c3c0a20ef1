// Other colourings the network thinks possible, as small pictures to choose from.
import { complain, say } from "./alerts.js";
import { find, make } from "./dom.js";
import { painter } from "./painter.js";
import { call, callJson } from "./server.js";
import { session } from "./session.js";
import { modelOf, same, toWire } from "./settings.js";
import { onLanguage, text } from "./texts.js";

const BATCH = 4;
const MOST = 12;
const SIDE = 320;
/** @type {import("./session.js").Item | null} */
let working = null;

/** What variants are made of; the chosen one is no part of it. @param {import("./settings.js").Settings} settings */
const base = (settings) => toWire({ ...settings, alternative: null });

/** @param {import("./session.js").Item} item @param {boolean} anew */
async function ask(item, anew) {
  const known = anew ? null : item.variants;
  const seed = known?.seed ?? (item.variants ? item.variants.seed + 1 : 1);
  const settings = base(item.history.settings);
  working = item;
  draw();
  say(text("variants.working"));
  try {
    const n = Math.min((known?.found.length ?? 0) + BATCH, MOST);
    const first = known?.first ?? URL.createObjectURL(await (await call("POST", `photos/${item.facts.id}/colorize`, { json: { settings, output: "preview", side: SIDE } })).blob());
    const { alternatives } = await callJson("POST", `photos/${item.facts.id}/alternatives`, { json: { n, seed, side: SIDE, settings } });
    if (item.variants && item.variants.first !== first) URL.revokeObjectURL(item.variants.first);
    item.variants = { seed, settings, first, found: alternatives };
    say(text("variants.done", { n: alternatives.length }));
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
  const able = Boolean(model?.alternatives);
  const variants = able ? item.variants : undefined;
  const stale = Boolean(variants && !same(variants.settings, base(item.history.settings)));
  const note = !able ? text("variants.not", { model: model?.name ?? "" }) : stale ? text("variants.stale") : variants ? "" : text("variants.none");
  find("variants-note").textContent = note;
  find("variants-note").hidden = !note;
  const box = find("variants");
  box.classList.toggle("stale", stale);
  const chosen = item.history.settings.alternative;
  const tiles = variants ? [tile(item, null, chosen), ...variants.found.map((found) => tile(item, found, chosen))] : [];
  const focused = [...box.querySelectorAll("button")].indexOf(document.activeElement);
  box.replaceChildren(...tiles);
  if (focused >= 0) box.querySelectorAll("button")[focused]?.focus();
  const button = find("variants-show");
  const full = Boolean(variants && !stale && variants.found.length >= MOST);
  button.hidden = full;
  button.disabled = !able || working !== null || painter.shown?.item !== item;
  const label = text(stale ? "variants.renew" : variants ? "variants.more" : "variants.show");
  button.replaceChildren(...(working === item ? [make("span", { class: "spinner" })] : []), make("span", { text: label }));
}

/**
 * @param {import("./session.js").Item} item
 * @param {{seed: number, index: number, image: string} | null} found null for the network's first choice
 * @param {{seed: number, index: number} | null} chosen
 */
function tile(item, found, chosen) {
  const mark = found && { seed: found.seed, index: found.index };
  const label = found ? text("variants.item", { number: found.index + 1 }) : text("variants.first");
  const source = found?.image ?? item.variants?.first;
  const image = make("img", { src: source, alt: "" });
  const button = make("button", { type: "button", "aria-pressed": String(same(mark, chosen)), on: { click: () => session.set({ alternative: mark }) } }, image, make("span", { text: label }));
  return make("li", {}, button);
}

export function startVariants() {
  find("variants-show").addEventListener("click", () => {
    const item = session.current;
    if (!item?.facts) return;
    ask(item, Boolean(item.variants) && !same(item.variants?.settings, base(item.history.settings)));
  });
  session.on(["current", "settings", "items"], draw);
  painter.addEventListener("painted", draw);
  onLanguage(draw);
}
