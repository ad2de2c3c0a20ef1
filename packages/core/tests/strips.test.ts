import { decode } from "fast-png";
import { expect, test } from "vitest";
import { encodePng } from "../src/codecs/png.js";
import type { Codec } from "../src/codecs/codec.js";
import { makePage, pageFromRgba, pageFromRows, type Samples } from "../src/image/page.js";
import { iterateStrips, pageRows, rowsOf, STRIP } from "../src/image/rows.js";
import { writeRows } from "../src/picture.js";
import { recolor, recolorRows } from "../src/recolor/recolor.js";
import { formulaPage, formulaPlanes } from "./fixtures.js";

const HEIGHT = 2 * STRIP + 5;
const EMPTY = { comments: [], pngChunks: [] };

/** Joins what comes in strips. */
function gather(read: (top: number, count: number) => ArrayLike<number>, height: number): number[] {
  const all: number[] = [];
  for (const [top, count] of iterateStrips(height)) all.push(...Array.from(read(top, count)));
  return all;
}

test.each([
  [1, 255, 0.7],
  [3, 255, 1],
  [3, 255, 0.4],
  [1, 65535, 1],
])("colours by strips are those of the whole: %i channels to %i, strength %f", (channels, top, strength) => {
  // cells of the a*b* are 34 pixels high: blocks of two rows, which strips must not cut
  const page = formulaPage(HEIGHT, 70, channels, top);
  const ab = formulaPlanes(2, 15, 2, -50, 50);
  const whole = Array.from(recolor(page, ab, strength));
  expect(gather(recolorRows(page, ab, strength), HEIGHT)).toEqual(whole);
  // in any order
  expect(Array.from(recolorRows(page, ab, strength)(HEIGHT - 3, 2))).toEqual(whole.slice(-9 * 70, -3 * 70));
});

test.each([false, true])("a PNG that is written by strips is read by another reader as it was, 16 bits: %s", (deep) => {
  const size = HEIGHT * 9;
  const noise = (i: number): number => (i * 7919) % (deep ? 65536 : 251);
  const fill = (length: number, shift: number): Samples => {
    const numbers = Array.from({ length }, (_, i) => noise(i + shift));
    return deep ? Uint16Array.from(numbers) : Uint8Array.from(numbers);
  };
  for (const alpha of [undefined, fill(size, 5)]) {
    const page = makePage(fill(3 * size, 0), HEIGHT, 9);
    const found = decode(encodePng({ ...page, ...(alpha && { alpha }) }, pageRows(page)), { checkCrc: true });
    expect([found.height, found.width, found.depth]).toEqual([HEIGHT, 9, deep ? 16 : 8]);
    const step = alpha ? 4 : 3;
    for (let c = 0; c < 3; c++) {
      expect(Array.from(found.data).filter((_, i) => i % step === c)).toEqual(Array.from(page.pixels).filter((_, i) => i % 3 === c));
    }
    if (alpha) expect(Array.from(found.data).filter((_, i) => i % 4 === 3)).toEqual(Array.from(alpha));
  }
});

test("alpha that begins far down is that of every pixel", () => {
  const rgba = new Uint8Array(4 * HEIGHT * 3).fill(255);
  rgba[rgba.length - 1] = 7;
  const page = pageFromRows(rowsOf(rgba, 3, 4), HEIGHT, 3);
  expect(page.alpha).toHaveLength(3 * HEIGHT);
  expect([page.alpha![0], page.alpha!.at(-2), page.alpha!.at(-1)]).toEqual([255, 255, 7]);
  expect(pageFromRgba(rgba.fill(255), HEIGHT, 3).alpha).toBeUndefined();
});

test.each(["JPEG", "PNG"] as const)("a %s is written without ever asking for more than a strip of colours", async (format) => {
  const page = formulaPage(HEIGHT, 40, 3, 255);
  const colors = recolorRows(page, formulaPlanes(2, 6, 4, -30, 30));
  let most = 0;
  const read = (top: number, count: number) => {
    most = Math.max(most, count);
    return colors(top, count);
  };
  const codec = {
    encodeJpeg: (rows: typeof read, height: number) => {
      for (const [top, count] of iterateStrips(height)) rows(top, count);
      return Promise.resolve(Uint8Array.of(0xff, 0xd8, 0xff, 0xd9));
    },
  } as unknown as Codec;
  await writeRows({ page, format, metadata: EMPTY }, read, codec, format);
  expect(most).toBe(STRIP);
});
