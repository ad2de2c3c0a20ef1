// A mark on the photo that the arrow keys move, for what a pointer would point at.
import { say } from "./alerts.js";
import { clamp, find } from "./dom.js";
import { zoom } from "./zoom.js";

const NEAR = 4; // screen pixels an arrow key moves it
const FAR = 20;

/** @typedef {{x: number, y: number}} Share of the photo */

/**
 * Show the mark and give it the focus.
 * @param {Share} from where it begins
 * @param {{words: string, press: (place: Share) => void, move?: (place: Share) => void, end: (place: Share | null) => void}} told
 *   the words say what to do; it was pressed; it moved; it went away, without a place where it was given up
 * @returns {(place: Share | null) => void} takes it away
 */
export function aimFrom(from, { words, press, move, end }) {
  const aim = find("aim");
  const back = document.activeElement;
  let place = { ...from };
  const show = () => {
    aim.style.left = `${100 * place.x}%`;
    aim.style.top = `${100 * place.y}%`;
  };
  const onKey = (/** @type {KeyboardEvent} */ event) => {
    const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const way = /** @type {any} */ (ways)[event.key];
    if (event.key === "Escape") leave(null);
    else if (way) {
      const step = event.shiftKey ? FAR : NEAR;
      place = { x: clamp(place.x + (way[0] * step) / zoom.width, 0, 1), y: clamp(place.y + (way[1] * step) / zoom.height, 0, 1) };
      show();
      zoom.reveal(place.x, place.y);
      move?.(place);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const leave = (/** @type {Share | null} */ found) => {
    aim.hidden = true;
    find("aiming").hidden = true;
    find("view").classList.remove("picking");
    aim.removeEventListener("keydown", onKey);
    aim.onclick = null;
    if (back instanceof HTMLElement && back.isConnected) back.focus({ preventScroll: true });
    end(found);
  };
  aim.addEventListener("keydown", onKey);
  aim.onclick = () => press(place);
  find("view").classList.add("picking");
  find("aiming").textContent = words;
  find("aiming").hidden = false;
  aim.hidden = false;
  show();
  aim.focus({ preventScroll: true });
  say(words);
  return leave;
}
