/** Joins a page with predicted chroma: only a*b* is resampled, lightness is the page's own. Works in strips of rows. */
import { linearToLab, type Triple } from "../color/conversion.js";
import type { Page, Samples } from "../image/page.js";
import { BICUBIC, findWeights, resampleColumnsAt, resampleRows } from "../image/resample.js";
import type { ReadRows } from "../image/rows.js";
import { channelOf, type Planes } from "../numbers.js";
import { GrayTable } from "./gray_table.js";
import { join } from "./join.js";

/** Chroma is looked up once for a block of pixels, at most this part of a cell of the predicted a*b*. */
const BLOCKS_PER_CELL = 16;

/** Writes a row of RGB samples into `out`, from `at` on. */
type WriteRow = (y: number, out: Samples, at: number) => void;

/**
 * Gives a page the chroma of `ab`, which covers it edge to edge.
 *
 * @param strength 1 for the chroma as it is, 0 for the page's own, over 1 for more
 * @returns RGB samples of the page's depth, in its output colour space
 */
export function recolor(page: Page, ab: Planes, strength = 1): Samples {
  return recolorRows(page, ab, strength)(0, page.height);
}

/** Does the same a strip at a time: the whole of a large picture in colour need not be in memory. */
export function recolorRows(page: Page, ab: Planes, strength = 1): ReadRows {
  const gray = page.channels === 1 && page.pixels instanceof Uint8Array;
  return readRows(page, gray ? writeGray8(page, ab, strength) : writeExactly(page, ab, strength));
}

/** Computes every pixel for itself. */
export function recolorExactly(page: Page, ab: Planes, strength = 1): Samples {
  return readRows(page, writeExactly(page, ab, strength))(0, page.height);
}

function readRows({ pixels, width }: Page, write: WriteRow): ReadRows {
  return (top, count) => {
    const out = pixels instanceof Uint16Array ? new Uint16Array(3 * count * width) : new Uint8Array(3 * count * width);
    for (let y = 0; y < count; y++) write(top + y, out, 3 * y * width);
    return out;
  };
}

function writeExactly(page: Page, ab: Planes, strength: number): WriteRow {
  const { height, width, channels, pixels, space } = page;
  const [rowsA, rowsB] = chromaRows(ab, height, width);
  const a = new Float32Array(width);
  const b = new Float32Array(width);
  const lightness = new Float32Array(width);
  const linear: Triple = [0, 0, 0];
  const own = strength !== 1 && channels === 3;
  let target: Samples | undefined;
  let encode!: ReturnType<typeof space.encoder>;
  return (y, out, to) => {
    if (target !== out) encode = space.encoder((target = out));
    rowsA(y, a);
    rowsB(y, b);
    space.lightnessInto(pixels, channels, y * width, lightness);
    for (let x = 0, at = y * width; x < width; x++, at++) {
      let ca = a[x] * strength;
      let cb = b[x] * strength;
      if (own) {
        const lab = linearToLab(...space.decode(pixels, 3 * at));
        ca += lab[1] * (1 - strength);
        cb += lab[2] * (1 - strength);
      }
      join(lightness[x], ca, cb, linear);
      encode(linear, to + 3 * x);
    }
  };
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

/** Looks every pixel up by its gray level and the chroma of its block of pixels. */
function writeGray8(page: Page, ab: Planes, strength: number): WriteRow {
  const { height, width, pixels, space } = page;
  const cell = Math.min(Math.floor(height / ab.height), Math.floor(width / ab.width));
  const block = Math.max(1, Math.floor(cell / BLOCKS_PER_CELL));
  const [rows, columns] = [Math.ceil(height / block), Math.ceil(width / block)];
  const scaled = strength === 1 ? ab : { ...ab, data: ab.data.map((value) => value * strength) };
  const [rowsA, rowsB] = chromaRows(scaled, rows, columns);
  const a = new Float32Array(columns);
  const b = new Float32Array(columns);
  const places = new Int32Array(columns);
  const spread = block === 1 ? places : new Int32Array(width);
  const table = GrayTable.of(space);
  let looked = -1;
  return (y, out, to) => {
    const row = Math.floor(y / block);
    if (row !== looked) {
      rowsA(row, a);
      rowsB(row, b);
      table.find(a, b, places);
      if (block > 1) for (let x = 0; x < width; x++) spread[x] = places[Math.floor(x / block)];
      looked = row;
    }
    for (let x = 0, at = y * width; x < width; x++, at++, to += 3) {
      const color = table.colorAt(spread[x] + pixels[at]);
      out[to] = color;
      out[to + 1] = color >> 8;
      out[to + 2] = color >> 16;
    }
  };
}
