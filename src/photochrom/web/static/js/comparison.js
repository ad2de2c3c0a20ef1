// The divider between the original and its colours.
import { clamp, find } from "./dom.js";
import { percent, onLanguage, text } from "./texts.js";
import { zoom } from "./zoom.js";

const STEP = 2; // percent
const LEAP = 10;

export const comparison = {
  cut: 50, // percent of what is seen of the photo's width, that shows the original: it stays while the photo moves below
  on: false,

  /** @param {boolean} on off shows colours everywhere */
  use(on) {
    this.on = on;
    find("stage").classList.toggle("comparing", on);
    draw();
  },

  /** @param {number} cut percent */
  move(cut) {
    this.cut = clamp(cut, 0, 100);
    draw();
  },
};

/** Where the photo lies, and what is seen of it begins and ends in the view. */
function seen() {
  const { view, x, width, height } = zoom;
  return { view, x, width, height, begin: Math.max(x, 0), end: Math.min(x + width, view.width) };
}

/** The divider under a pointer. @param {{clientX: number}} event */
export function slideTo({ clientX }) {
  const { view, begin, end } = seen();
  comparison.move((100 * (clientX - view.left - begin)) / Math.max(end - begin, 1));
}

function draw() {
  const { on, cut } = comparison;
  // all is measured before anything is set, for the browser would lay the page out anew each time
  const { view, x: left, width, height, begin, end } = seen();
  const x = begin + ((end - begin) * cut) / 100;
  const divider = find("divider");
  for (const id of ["divider", "tag-before", "tag-after"]) find(id).hidden = !on;
  const clip = on ? `inset(0 0 0 ${(100 * (x - left)) / width}%)` : "none";
  for (const layer of /** @type {any} */ (document.querySelectorAll("#after, #after-tiles, #sureness"))) layer.style.clipPath = clip;
  divider.style.transform = `translate(${x}px, ${Math.max(zoom.y, 0)}px)`;
  divider.style.height = `${Math.min(height, view.height)}px`;
  const slider = find("slider");
  slider.setAttribute("aria-valuenow", String(Math.round(cut)));
  slider.setAttribute("aria-valuetext", text("slider.value", { percent: percent(cut / 100) }));
  tag("tag-before", begin + 10, cut < 14);
  tag("tag-after", end - 10, cut > 86);
}

/** @param {string} id @param {number} x @param {boolean} faded */
function tag(id, x, faded) {
  const element = find(id);
  element.style.left = `${x}px`;
  element.style.top = `${Math.max(zoom.y, 0) + 10}px`;
  element.classList.toggle("faded", faded);
}

export function startComparison() {
  const slider = find("slider");
  zoom.addEventListener("placed", draw);
  onLanguage(draw);
  slider.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const leap = event.shiftKey ? LEAP : STEP;
    const moves = {
      ArrowLeft: comparison.cut - leap, ArrowDown: comparison.cut - leap, ArrowRight: comparison.cut + leap, ArrowUp: comparison.cut + leap,
      PageDown: comparison.cut - LEAP, PageUp: comparison.cut + LEAP, Home: 0, End: 100,
    };
    const moved = /** @type {any} */ (moves)[event.key];
    if (moved === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    comparison.move(moved);
  });
}
