/** A page's lightness at the network's size: whole-number averages first, then Lanczos, as the Python side does. */
import { clamp, roundEven, type Plane } from "../numbers.js";
import type { Page, Samples } from "./page.js";
import { LANCZOS, resize } from "./resample.js";

/** Returns L* 0..100 of a page at a small size. */
export function shrink(page: Page, height: number, width: number): Plane {
  const factor = Math.max(
    1,
    Math.min(Math.floor(page.height / (2 * height)), Math.floor(page.width / (2 * width))),
  );
  const small = factor > 1 ? reduce(page, factor) : page;
  const lightness = page.space.lightness(small.pixels, small.channels, small.height, small.width);
  if (page.height === height && page.width === width) return lightness;
  const box = { left: 0, top: 0, right: page.width / factor, bottom: page.height / factor };
  const out = resize(lightness, height, width, LANCZOS, box);
  for (let i = 0; i < out.data.length; i++) out.data[i] = clamp(out.data[i], 0, 100);
  return out;
}

interface Reduced {
  pixels: Samples;
  channels: 1 | 3;
  height: number;
  width: number;
}

/** Averages blocks of factor x factor pixels; the last ones may be smaller. */
export function reduce(page: Reduced, factor: number): Reduced {
  const { channels } = page;
  const height = Math.ceil(page.height / factor);
  const width = Math.ceil(page.width / factor);
  const deep = page.pixels instanceof Uint16Array;
  const pixels = deep ? new Uint16Array(height * width * channels) : new Uint8Array(height * width * channels);
  const row = page.width * channels;
  // columns first: that loop has nothing to count
  const sums = new Float64Array(row);
  for (let y = 0; y < height; y++) {
    const rows = Math.min(factor, page.height - y * factor);
    sums.fill(0);
    for (let dy = 0; dy < rows; dy++) {
      for (let i = 0, at = (y * factor + dy) * row; i < row; i++, at++) sums[i] += page.pixels[at];
    }
    for (let x = 0; x < width; x++) {
      const columns = Math.min(factor, page.width - x * factor);
      const count = rows * columns;
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let dx = 0, at = x * factor * channels + c; dx < columns; dx++, at += channels) sum += sums[at];
        pixels[(y * width + x) * channels + c] = deep ? roundEven(sum / count) : wholeMean(sum, count);
      }
    }
  }
  return { pixels, channels, height, width };
}

/** Divides a sum of bytes by their count with the fixed-point numbers of Pillow's `reduce`. */
function wholeMean(sum: number, count: number): number {
  const multiplier = Math.floor(2 ** 32 / (256 * count));
  return Math.floor(((sum + Math.floor(count / 2)) * multiplier) / 2 ** 24);
}
