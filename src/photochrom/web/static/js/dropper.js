// Picking a colour from the photo, by pointer or keyboard, or from the screen where the browser can.
import { aimFrom } from "./aim.js";
import { toHex } from "./color.js";
import { clamp, find } from "./dom.js";
import { stage } from "./stage.js";
import { text } from "./texts.js";

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
  return new Promise((resolve) => {
    const end = aimFrom(from, {
      words: text("editor.photo.aim"),
      press: (place) => end(place),
      end: (place) => {
        stage.aiming = null;
        resolve(place && readColor(place));
      },
    });
    stage.aiming = end;
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
