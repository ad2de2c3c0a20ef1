// Picking a colour from the photo, by pointer or keyboard, or from the screen where the browser can.
import { say } from "./alerts.js";
import { toHex } from "./color.js";
import { clamp, find } from "./dom.js";
import { stage } from "./stage.js";
import { text } from "./texts.js";
import { zoom } from "./zoom.js";

const PATCH = 3; // preview pixels across that are averaged, since film grain is no colour

/** The colour the photo shows at a place. @param {{x: number, y: number}} share of the photo */
export function readColor({ x, y }) {
  const image = find(find("after").hidden ? "before" : "after");
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = PATCH;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context || !image.naturalWidth) return "#808080";
  const left = clamp(Math.floor(x * image.naturalWidth) - 1, 0, image.naturalWidth - PATCH);
  const top = clamp(Math.floor(y * image.naturalHeight) - 1, 0, image.naturalHeight - PATCH);
  context.drawImage(image, left, top, PATCH, PATCH, 0, 0, PATCH, PATCH);
  const { data } = context.getImageData(0, 0, PATCH, PATCH);
  const mean = (/** @type {number} */ channel) => data.filter((_, at) => at % 4 === channel).reduce((sum, value) => sum + value, 0) / (255 * PATCH * PATCH);
  return toHex([mean(0), mean(1), mean(2)]);
}

/** Let a person point at the photo. @param {{x: number, y: number}} from where the keyboard begins @returns {Promise<string | null>} null if given up */
export function pickFromPhoto(from) {
  const aim = find("aim");
  const back = document.activeElement;
  let place = { ...from };
  return new Promise((resolve) => {
    const end = (/** @type {string | null} */ color) => {
      stage.aiming = null;
      aim.hidden = true;
      find("aiming").hidden = true;
      find("view").classList.remove("picking");
      aim.removeEventListener("keydown", press);
      aim.onclick = null;
      if (back instanceof HTMLElement && back.isConnected) back.focus({ preventScroll: true });
      resolve(color);
    };
    const show = () => {
      aim.style.left = `${100 * place.x}%`;
      aim.style.top = `${100 * place.y}%`;
    };
    const press = (/** @type {KeyboardEvent} */ event) => {
      const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
      const way = /** @type {any} */ (ways)[event.key];
      if (event.key === "Escape") end(null);
      else if (way) {
        const step = event.shiftKey ? 20 : 4;
        place = { x: clamp(place.x + (way[0] * step) / zoom.width, 0, 1), y: clamp(place.y + (way[1] * step) / zoom.height, 0, 1) };
        show();
        zoom.reveal(place.x, place.y);
      } else return;
      event.preventDefault();
      event.stopPropagation();
    };
    stage.aiming = (tapped) => end(readColor(tapped));
    aim.addEventListener("keydown", press);
    aim.onclick = () => end(readColor(place));
    find("view").classList.add("picking");
    find("aiming").hidden = false;
    aim.hidden = false;
    show();
    aim.focus({ preventScroll: true });
    say(text("editor.photo.aim"));
  });
}

export const canPickFromScreen = "EyeDropper" in window;

/** @returns {Promise<string | null>} null if given up */
export async function pickFromScreen() {
  try {
    return (await new /** @type {any} */ (window).EyeDropper().open()).sRGBHex;
  } catch {
    return null; // Escape, which the browser reports as an error
  }
}
