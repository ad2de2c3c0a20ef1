// The small window that gives a hint its colour: what the network thinks likely there, a field, and two droppers.
import { complain } from "./alerts.js";
import { nameKey, parseHex, toHex } from "./color.js";
import { clamp, find, icon, iconButton, make, onPhone } from "./dom.js";
import { canPickFromScreen, pickFromPhoto, pickFromScreen, readColor } from "./dropper.js";
import { makeField } from "./field.js";
import { hints } from "./hints.js";
import { focusPin } from "./pins.js";
import { callJson } from "./server.js";
import { enterSheet, leaveSheet } from "./sheets.js";
import { session } from "./session.js";
import { same } from "./settings.js";
import { kindOf } from "./shapes.js";
import { optionsOf } from "./surface.js";
import { onLanguage, percent, text } from "./texts.js";
import { zoom } from "./zoom.js";

const SUGGESTIONS = 5;
const FARTHEST = 0.15; // reach, of the short side
const GAP = 26; // pixels between a pin and its window
const EDGE = 8; // and between that and what it should not touch

/** @type {{open: number, seen: string, field: ReturnType<typeof makeField>, hex: any, reach: any, likely: any, asked: any, asking: AbortController | null} | null} */
let shown = null;

const place = () => /** @type {NonNullable<typeof hints.place>} */ (hints.place);
const share = () => ({ x: place().x / hints.photo.width, y: place().y / hints.photo.height });

function update() {
  if (hints.open === null || !hints.place || !hints.photo) return hide();
  if (shown?.open !== hints.open) build(hints.open);
  follow();
}

function hide() {
  if (!shown) return;
  leaveSheet();
  const editor = find("editor");
  const focused = editor.contains(document.activeElement);
  const { open } = shown;
  shown.asking?.abort();
  shown = null;
  editor.hidden = true;
  editor.replaceChildren();
  if (!focused) return;
  if (find("pins").children[open]) focusPin(open);
  else find("view").focus({ preventScroll: true });
}

/** @param {number} open */
function build(open) {
  shown?.asking?.abort();
  const seen = readColor(share());
  const start = place().color ?? seen;
  const field = makeField({ color: start, onchange: (color, final) => hints.paint(color, { final }) });
  const hex = make("input", { type: "text", id: "editor-hex", maxlength: 7, spellcheck: "false", autocomplete: "off", on: { change: readHex } });
  const side = Math.min(hints.photo.width, hints.photo.height);
  const reach = make("input", { type: "range", id: "editor-reach", min: 0, max: FARTHEST, step: 0.005, on: {
    input: () => hints.reach(open, Math.round(reach.value * side), { final: false }), change: () => session.commit(),
  } });
  const likely = make("div", { class: "swatches" });
  shown = { open, seen, field, hex, reach, likely, asked: null, asking: null };
  const pick = (/** @type {() => Promise<string | null>} */ ask) => async () => {
    const color = await ask();
    if (color && hints.open === open) hints.paint(color);
  };
  const photo = iconButton("dropper", text("editor.photo"), pick(() => pickFromPhoto(share())), "pick");
  const screen = iconButton("screen", text("editor.screen"), pick(pickFromScreen), "pick");
  const editor = find("editor");
  editor.replaceChildren(
    make("div", { class: "head" }, make("h2", { id: "editor-title", text: text("editor.title") }), iconButton("close", text("editor.close"), () => hints.close())),
    make("div", { class: "likely" }, make("h3", { text: text("editor.suggestions") }), likely),
    field.element,
    make("div", { class: "row" }, make("label", { for: "editor-hex", text: text("editor.hex") }), hex, photo, canPickFromScreen ? screen : null),
    make("p", { class: "wrong", id: "editor-wrong", role: "alert" }),
    // an area reaches as far as it was drawn
    ...(kindOf(place()) === "area" ? [] : [make("div", { class: "row" }, make("label", { for: "editor-reach", text: text("editor.reach") }), reach)]),
    make("div", { class: "ending" },
      make("button", { type: "button", class: "plain", on: { click: () => hints.remove(open) } }, icon("trash"), make("span", { text: text("editor.delete") })),
      make("button", { type: "button", class: "primary", on: { click: () => hints.close() } }, make("span", { text: text("editor.done") }))),
  );
  const fresh = editor.hidden;
  editor.hidden = false;
  if (fresh && onPhone.matches) enterSheet(() => hints.close());
  drawSwatches([]);
  ask();
  if (fresh && !find("pins").contains(document.activeElement)) editor.querySelector(".swatch")?.focus({ preventScroll: true });
}

/** Keep up with the hint: its place, its colour, and where its pin is seen. */
function follow() {
  if (!shown) return;
  const { color, radius } = place();
  const side = Math.min(hints.photo.width, hints.photo.height);
  if (document.activeElement !== shown.hex) shown.hex.value = color ?? "";
  shown.reach.value = radius / side;
  shown.reach.style.setProperty("--fill", `${(100 * radius) / side / FARTHEST}%`);
  shown.reach.setAttribute("aria-valuetext", percent(radius / side));
  if (document.activeElement !== shown.field.element) shown.field.show(color ?? shown.seen, shown.seen);
  for (const swatch of shown.likely.querySelectorAll(".swatch")) swatch.setAttribute("aria-pressed", String(swatch.dataset.color === color));
  const held = find("pins").querySelector(".held");
  if (!held && shown.asked && !same(shown.asked, [place().x, place().y])) {
    shown.seen = readColor(share());
    ask();
  }
  stand();
}

/** Where it hides least of the photo, and never its pin; on a phone in the place of the settings, with the pin in sight. */
function stand() {
  const editor = find("editor");
  const { width, height } = zoom.view;
  const room = width - editor.offsetWidth - EDGE;
  const x = zoom.x + share().x * zoom.width;
  const y = zoom.y + share().y * zoom.height;
  const right = Math.max(x + GAP, Math.min(zoom.x + zoom.width + EDGE, room));
  const left = Math.min(x - GAP - editor.offsetWidth, Math.max(zoom.x - EDGE - editor.offsetWidth, EDGE));
  const hiddenRight = right > room ? Infinity : zoom.x + zoom.width - right;
  const hiddenLeft = left < EDGE ? Infinity : left + editor.offsetWidth - zoom.x;
  const beside = hiddenRight <= hiddenLeft ? right : left;
  editor.style.setProperty("--x", `${clamp(beside, EDGE, Math.max(room, EDGE))}px`);
  editor.style.setProperty("--y", `${clamp(y - 90, EDGE, Math.max(height - editor.offsetHeight - EDGE, EDGE))}px`);
}

async function ask() {
  const mine = shown;
  if (!mine) return;
  mine.asking?.abort();
  const asking = new AbortController();
  mine.asking = asking;
  const { x, y } = place();
  mine.asked = [x, y];
  mine.likely.setAttribute("aria-busy", "true");
  const item = /** @type {import("./session.js").Item} */ (session.current);
  const open = hints.all[mine.open];
  const others = { ...item.history.settings, hints: item.history.settings.hints.filter((hint) => hint !== open) };
  try {
    const json = { x, y, count: SUGGESTIONS, options: optionsOf(item, others) };
    const { suggestions } = await callJson("POST", `${hints.photo.path}/suggestions`, { json, signal: asking.signal });
    if (shown !== mine || mine.asking !== asking) return;
    drawSwatches(suggestions);
    if (!suggestions.length) mine.likely.append(make("p", { class: "note", text: text("editor.suggestions.none") }));
  } catch (error) {
    complain(error);
  }
  if (mine.asking === asking) mine.likely.removeAttribute("aria-busy");
}

/** @param {{color: string, probability: number}[]} suggestions */
function drawSwatches(suggestions) {
  if (!shown) return;
  const { seen, likely } = shown;
  const focused = likely.contains(document.activeElement);
  const now = text("editor.keep", { color: text(nameKey(seen)) });
  const words = suggestions.map(({ color, probability }) => text("editor.suggestion", { color: text(nameKey(color)), chance: text(chance(probability)), percent: asPercent(probability) }));
  likely.replaceChildren(swatch(seen, now, text("editor.now")), ...suggestions.map(({ color, probability }, index) => swatch(color, words[index], asPercent(probability))));
  if (focused) likely.querySelector(".swatch")?.focus({ preventScroll: true });
}

/** @param {string} color @param {string} label @param {string} caption */
function swatch(color, label, caption) {
  const pressed = String(hints.place?.color === color);
  const button = make("button", { type: "button", class: "swatch", "aria-label": label, title: label, "aria-pressed": pressed, "data-color": color, on: { click: () => hints.paint(color) } }, make("span", { "aria-hidden": "true", text: caption }));
  button.style.setProperty("--color", color);
  return button;
}

/** @param {number} probability */
const asPercent = (probability) => (probability < 0.005 ? `<${percent(0.01)}` : percent(probability));

/** @param {number} probability */
const chance = (probability) => `editor.chance.${probability >= 0.4 ? "high" : probability >= 0.15 ? "middle" : probability >= 0.05 ? "low" : "rare"}`;

function readHex() {
  if (!shown) return;
  const found = parseHex(shown.hex.value);
  find("editor-wrong").textContent = found ? "" : text("editor.hex.wrong");
  if (found) hints.paint(toHex(found));
}

export function startEditor() {
  hints.addEventListener("change", update);
  session.on(["settings", "current"], update);
  zoom.addEventListener("placed", () => { if (shown) stand(); });
  onLanguage(() => {
    if (shown) build(shown.open);
  });
  find("editor").addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    hints.close();
  });
  // the pin must not lie under the sheet that its window is on a phone
  hints.addEventListener("change", () => {
    if (onPhone.matches && hints.place) zoom.reveal(share().x, share().y);
  });
}
