/** A page: the pixels of a picture, upright, with what they mean. */
import { SRGB, type ColorSpace } from "../icc/color_space.js";
import { iterateStrips, rowsOf, type ReadRows } from "./rows.js";

export type Samples = Uint8Array | Uint16Array;

export interface Page {
  /** Samples row by row; gray has one for each pixel, RGB three. */
  pixels: Samples;
  channels: 1 | 3;
  height: number;
  width: number;
  /** One sample for each pixel, not multiplied into the colours; absent where all is opaque. */
  alpha?: Samples;
  space: ColorSpace;
}

/** Returns a page of samples, sRGB unless a space is given. */
export function makePage(pixels: Samples, height: number, width: number, space: ColorSpace = SRGB): Page {
  const channels = pixels.length / (height * width);
  if (channels !== 1 && channels !== 3) throw new RangeError("a page has one or three samples for each pixel");
  return { pixels, channels, height, width, space };
}

/** Returns RGBA bytes, as a canvas gives them, as a page: gray where that is said, without alpha where opaque. */
export function pageFromRgba(rgba: Uint8Array | Uint8ClampedArray, height: number, width: number, gray = false): Page {
  return pageFromRows(rowsOf(rgba, width, 4), height, width, gray);
}

/** Returns RGBA bytes that come in strips as a page. */
export function pageFromRows(
  read: ReadRows<Uint8Array | Uint8ClampedArray>,
  height: number,
  width: number,
  gray = false,
): Page {
  const pixels = new Uint8Array((gray ? 1 : 3) * height * width);
  let alpha: Uint8Array | undefined;
  for (const [top, rows] of iterateStrips(height)) {
    const rgba = read(top, rows);
    for (let i = top * width, at = 0; at < 4 * rows * width; i++, at += 4) {
      if (gray) pixels[i] = rgba[at];
      else {
        pixels[3 * i] = rgba[at];
        pixels[3 * i + 1] = rgba[at + 1];
        pixels[3 * i + 2] = rgba[at + 2];
      }
      if (rgba[at + 3] !== 255) alpha ??= new Uint8Array(height * width).fill(255);
      if (alpha) alpha[i] = rgba[at + 3];
    }
  }
  const page = makePage(pixels, height, width);
  return alpha ? { ...page, alpha } : page;
}

/** Turns samples upright as an EXIF orientation 1..8 says; the input itself where nothing is to do. */
export function turnSamples<T extends Samples>(
  samples: T,
  height: number,
  width: number,
  channels: number,
  orientation: number,
): T {
  if (orientation <= 1 || orientation > 8) return samples;
  const sideways = orientation >= 5;
  const [rows, columns] = sideways ? [width, height] : [height, width];
  const upside = [3, 4, 7, 8].includes(orientation);
  const mirrored = [2, 3, 6, 7].includes(orientation);
  const out = new (samples.constructor as { new (size: number): T })(samples.length);
  for (let y = 0, to = 0; y < rows; y++) {
    const v = upside ? rows - 1 - y : y;
    for (let x = 0; x < columns; x++) {
      const u = mirrored ? columns - 1 - x : x;
      const from = (sideways ? u * width + v : v * width + u) * channels;
      for (let c = 0; c < channels; c++) out[to++] = samples[from + c];
    }
  }
  return out;
}

/** Turns a page upright. */
export function turnUpright(page: Page, orientation: number): Page {
  if (orientation <= 1 || orientation > 8) return page;
  const sideways = orientation >= 5;
  const [height, width] = sideways ? [page.width, page.height] : [page.height, page.width];
  const turned: Page = {
    ...page,
    height,
    width,
    pixels: turnSamples(page.pixels, page.height, page.width, page.channels, orientation),
  };
  if (page.alpha) turned.alpha = turnSamples(page.alpha, page.height, page.width, 1, orientation);
  return turned;
}
