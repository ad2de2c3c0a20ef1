/** Hints on a network's output grid: drawn as planes, and how far they speak for the whole image. */
import { PhotochromError } from "../errors.js";
import { spreadEvenly, type Planes } from "../numbers.js";

/** A colour at a place, in the image's own units. */
export interface Placed {
  x: number;
  y: number;
  ab: readonly [number, number];
  /** Of the spot that has this colour; 0 for the point alone. */
  radius: number;
}

export interface Size {
  height: number;
  width: number;
}

/** Two hints say the same of the light that are nearer each other than about this, in short sides. */
const APART = 0.15;
/** Hints that say something of their own after the first and a half, of which half the picture's colours follow. */
const FEW = 1.5;
/** Cells that are looked at for that, at most. */
const SAMPLE = 400;

/**
 * Draws hints on a grid; where two meet, the later one wins.
 *
 * @param extent of the image, in the units of the places
 * @param content cells that the image covers
 * @param padded cells of the whole grid
 * @returns a*, b* and the mask
 */
export function drawPlane(hints: readonly Placed[], extent: Size, content: Size, padded: Size): Planes {
  const size = padded.height * padded.width;
  const data = new Float32Array(3 * size);
  const scaleY = content.height / extent.height;
  const scaleX = content.width / extent.width;
  for (const { x, y, ab, radius } of hints) {
    if (x > extent.width || y > extent.height) {
      throw new PhotochromError("option.hint_outside", { x, y, ...extent });
    }
    const put = (row: number, column: number): void => {
      const at = row * padded.width + column;
      data[at] = ab[0];
      data[size + at] = ab[1];
      data[2 * size + at] = 1;
    };
    const [down, across] = [y * scaleY, x * scaleX];
    put(Math.min(Math.trunc(down), content.height - 1), Math.min(Math.trunc(across), content.width - 1));
    if (!radius) continue;
    for (let row = 0; row < content.height; row++) {
      const dy = ((row + 0.5 - down) / scaleY) ** 2;
      if (dy > radius ** 2) continue;
      for (let column = 0; column < content.width; column++) {
        if (dy + ((column + 0.5 - across) / scaleX) ** 2 <= radius ** 2) put(row, column);
      }
    }
  }
  return { data, channels: 3, ...padded };
}

/**
 * Returns how far hints speak for the whole image: 0 for one, near 1 for many all over.
 *
 * They are counted by their effective sample size: cells next to each other count as one.
 */
export function hintCoverage(mask: Float32Array, height: number, width: number): number {
  const cells: number[] = [];
  for (let i = 0; i < mask.length; i++) if (mask[i] > 0) cells.push(i);
  if (!cells.length) return 0;
  const some = spreadEvenly(cells.length - 1, Math.min(cells.length, SAMPLE)).map((i) => cells[i]);
  const unit = APART * Math.min(height, width);
  let sum = 0;
  for (const one of some) {
    for (const other of some) {
      const dy = (Math.floor(one / width) - Math.floor(other / width)) / unit;
      const dx = ((one % width) - (other % width)) / unit;
      const far = Math.sqrt(3 * (dy * dy + dx * dx));
      sum += (1 + far) * Math.exp(-far);
    }
  }
  const more = Math.max(0, some.length ** 2 / sum - 1.5) ** 2;
  return more / (more + FEW ** 2);
}
