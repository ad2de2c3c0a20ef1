/** Joins a page with predicted chroma: only a*b* is resampled, lightness is the page's own. Works in strips of rows. */
import { linearToLab, type Triple } from "../color/conversion.js";
import type { Page, Samples } from "../image/page.js";
import { BICUBIC, findWeights, resampleColumnsAt, resampleRows } from "../image/resample.js";
import { channelOf, roundEven, type Planes } from "../numbers.js";
import { join } from "./join.js";

/** Chroma is looked up once for a block of pixels, at most this part of a cell of the predicted a*b*. */
const BLOCKS_PER_CELL = 16;
const LEVELS = 256;

/**
 * Gives a page the chroma of `ab`, which covers it edge to edge.
 *
 * @param strength 1 for the chroma as it is, 0 for the page's own, over 1 for more
 * @returns RGB samples of the page's depth, in its output colour space
 */
export function recolor(page: Page, ab: Planes, strength = 1): Samples {
  if (page.channels === 1 && page.pixels instanceof Uint8Array) return recolorGray8(page, ab, strength);
  return recolorExactly(page, ab, strength);
}

/** Computes every pixel for itself. */
export function recolorExactly(page: Page, ab: Planes, strength = 1): Samples {
  const { height, width, channels, pixels, space } = page;
  const [rowsA, rowsB] = chromaRows(ab, height, width);
  const a = new Float32Array(width);
  const b = new Float32Array(width);
  const lightness = new Float32Array(width);
  const count = 3 * height * width;
  const out = pixels instanceof Uint16Array ? new Uint16Array(count) : new Uint8Array(count);
  const encode = space.encoder(out);
  const linear: Triple = [0, 0, 0];
  const own = strength !== 1 && channels === 3;
  for (let y = 0; y < height; y++) {
    rowsA(y, a);
    rowsB(y, b);
    space.lightnessInto(pixels, channels, y * width, lightness);
    for (let x = 0, at = y * width; x < width; x++, at++) {
      let [ca, cb] = [a[x] * strength, b[x] * strength];
      if (own) {
        const lab = linearToLab(...space.decode(pixels, 3 * at));
        ca += lab[1] * (1 - strength);
        cb += lab[2] * (1 - strength);
      }
      join(lightness[x], ca, cb, linear);
      encode(linear, 3 * at);
    }
  }
  return out;
}

/** Returns functions that write a row of a* and of b*, enlarged to a size. */
function chromaRows(ab: Planes, height: number, width: number): ((y: number, row: Float32Array) => void)[] {
  const across = findWeights(BICUBIC, ab.width, 0, ab.width, width);
  const down = findWeights(BICUBIC, ab.height, 0, ab.height, height);
  return [0, 1].map((channel) => {
    const wide = resampleRows(channelOf(ab, channel), across);
    return (y: number, row: Float32Array): void => resampleColumnsAt(wide, down, y, row);
  });
}

/**
 * The quick way for 8-bit gray: a table of every gray level under every chroma of one unit that occurs.
 *
 * Lightness is that of the exact way; a* and b* are within half a unit.
 */
function recolorGray8(page: Page, ab: Planes, strength: number): Uint8Array {
  const { height, width, pixels, space } = page;
  const cell = Math.min(Math.floor(height / ab.height), Math.floor(width / ab.width));
  const block = Math.max(1, Math.floor(cell / BLOCKS_PER_CELL));
  const [rows, columns] = [Math.ceil(height / block), Math.ceil(width / block)];
  const scaled = strength === 1 ? ab : { ...ab, data: ab.data.map((value) => value * strength) };
  const [rowsA, rowsB] = chromaRows(scaled, rows, columns);
  const a = new Float32Array(columns);
  const b = new Float32Array(columns);
  const levels = space.lightness(Uint8Array.from({ length: LEVELS }, (_, i) => i), 1, 1, LEVELS).data;
  const tables = new Map<number, Uint8Array>();
  const linear: Triple = [0, 0, 0];
  const tableOf = (ca: number, cb: number): Uint8Array => {
    const key = ca * 65536 + cb;
    let table = tables.get(key);
    if (!table) {
      table = new Uint8Array(3 * LEVELS);
      const encode = space.encoder(table);
      for (let level = 0; level < LEVELS; level++) {
        join(levels[level], ca, cb, linear);
        encode(linear, 3 * level);
      }
      tables.set(key, table);
    }
    return table;
  };
  const out = new Uint8Array(3 * height * width);
  const found: Uint8Array[] = new Array<Uint8Array>(columns);
  for (let row = 0; row < rows; row++) {
    rowsA(row, a);
    rowsB(row, b);
    for (let column = 0; column < columns; column++) found[column] = tableOf(roundEven(a[column]), roundEven(b[column]));
    for (let y = row * block; y < Math.min((row + 1) * block, height); y++) {
      for (let x = 0, at = y * width; x < width; x++, at++) {
        const table = found[block === 1 ? x : Math.floor(x / block)];
        const from = 3 * pixels[at];
        out[3 * at] = table[from];
        out[3 * at + 1] = table[from + 1];
        out[3 * at + 2] = table[from + 2];
      }
    }
  }
  return out;
}
