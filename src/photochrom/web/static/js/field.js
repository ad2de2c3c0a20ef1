// A colour field at the photo's own brightness: hue across, colourfulness upwards. It holds only colours that the place
// can have, because a hint never changes how light the photo is.
import { direction, fromLab, mostChroma, nameKey, polar, toHex } from "./color.js";
import { clamp, make } from "./dom.js";
import { number, percent, text } from "./texts.js";

const COLUMNS = 120;
const ROWS = 24;
const LIGHTEST = 82; // near black or white there is hardly a colour to see; the field stops before
const DARKEST = 45;
const STRONGEST = 68; // chroma; more is rare outside of paint shops, and would make the field all red and blue

/**
 * @param {{color: string, onchange: (color: string, final: boolean) => void}} options
 * @returns {{element: HTMLElement, show: (color: string, seen: string) => void}} `seen` is what the photo shows there
 */
export function makeField({ color, onchange }) {
  const canvas = make("canvas", { width: COLUMNS, height: ROWS });
  const knob = make("span", { class: "knob" });
  const element = make("div", {
    class: "field", role: "slider", tabindex: 0, "aria-label": text("editor.field"), "aria-orientation": "horizontal",
    "aria-valuemin": 0, "aria-valuemax": 360, title: text("editor.field.help"),
  }, canvas, knob);
  const state = { hue: 0, share: 0, lightness: 60 };
  let drawn = -1;

  const colorNow = () => paintOf(state.lightness, state.hue, state.share * most(state.lightness, state.hue));
  const place = () => {
    knob.style.left = `${(100 * state.hue) / 360}%`;
    knob.style.top = `${100 * (1 - state.share)}%`;
    const now = colorNow();
    knob.style.background = now;
    element.setAttribute("aria-valuenow", String(Math.round(state.hue)));
    const hue = number(Math.round(state.hue));
    element.setAttribute("aria-valuetext", text("editor.field.value", { color: text(nameKey(now)), hue, percent: percent(state.share) }));
  };
  const give = (/** @type {boolean} */ final) => {
    place();
    onchange(colorNow(), final);
  };
  const point = (/** @type {PointerEvent} */ event, /** @type {boolean} */ final) => {
    const box = element.getBoundingClientRect();
    state.hue = 360 * clamp((event.clientX - box.left) / box.width, 0, 1);
    state.share = 1 - clamp((event.clientY - box.top) / box.height, 0, 1);
    give(final);
  };
  element.addEventListener("pointerdown", (/** @type {PointerEvent} */ event) => {
    element.setPointerCapture(event.pointerId);
    point(event, false);
  });
  element.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => {
    if (element.hasPointerCapture(event.pointerId)) point(event, false);
  });
  element.addEventListener("pointerup", (/** @type {PointerEvent} */ event) => point(event, true));
  element.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const step = event.shiftKey ? 5 : 1;
    if (event.key === "ArrowLeft") state.hue = (state.hue - 3 * step + 360) % 360;
    else if (event.key === "ArrowRight") state.hue = (state.hue + 3 * step) % 360;
    else if (event.key === "ArrowUp") state.share = clamp(state.share + 0.03 * step, 0, 1);
    else if (event.key === "ArrowDown") state.share = clamp(state.share - 0.03 * step, 0, 1);
    else return;
    event.preventDefault();
    give(false);
  });
  element.addEventListener("keyup", (/** @type {KeyboardEvent} */ event) => { if (event.key.startsWith("Arrow")) onchange(colorNow(), true); });

  const show = (/** @type {string} */ shown, /** @type {string} */ seen) => {
    state.lightness = clamp(Math.round(polar(seen).lightness), DARKEST, LIGHTEST);
    const { hue, chroma } = polar(shown);
    if (chroma > 2) state.hue = hue; // a gray has no hue to go to
    state.share = clamp(chroma / most(state.lightness, state.hue), 0, 1);
    if (drawn !== state.lightness) drawField(canvas, state.lightness);
    drawn = state.lightness;
    place();
  };
  show(color, color);
  return { element, show };
}

/** @param {number} lightness @param {number} hue */
const most = (lightness, hue) => Math.min(mostChroma(lightness, hue), STRONGEST);

/** @param {number} lightness @param {number} hue @param {number} chroma */
function paintOf(lightness, hue, chroma) {
  const [ca, cb] = direction(hue);
  return toHex(fromLab([lightness, chroma * ca, chroma * cb]));
}

/** @param {HTMLCanvasElement} canvas @param {number} lightness */
function drawField(canvas, lightness) {
  const context = canvas.getContext("2d");
  if (!context) return;
  for (let column = 0; column < COLUMNS; column++) {
    const hue = (360 * (column + 0.5)) / COLUMNS;
    const limit = most(lightness, hue);
    for (let row = 0; row < ROWS; row++) {
      context.fillStyle = paintOf(lightness, hue, limit * (1 - (row + 0.5) / ROWS));
      context.fillRect(column, row, 1, 1);
    }
  }
}
