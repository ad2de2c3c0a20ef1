/** Pixels row by row, a strip of rows at a time, so that of a large picture never more is in memory than must be. */
import type { Page, Samples } from "./page.js";

/** Rows of a strip. */
export const STRIP = 256;

/** Gives interleaved samples of some rows; what it gave may be overwritten by its next answer. */
export type ReadRows<T = Samples> = (top: number, count: number) => T;

/** Yields the first row of each strip and how many it has. */
export function* iterateStrips(height: number): Generator<[top: number, count: number]> {
  for (let top = 0; top < height; top += STRIP) yield [top, Math.min(STRIP, height - top)];
}

/** Reads the rows of samples that are in memory. */
export function rowsOf<T extends Samples | Uint8ClampedArray>(samples: T, width: number, channels: number): ReadRows<T> {
  return (top, count) => samples.subarray(channels * top * width, channels * (top + count) * width) as T;
}

/** Returns samples as bytes, those of 16 bits rounded. */
export function toBytes(samples: Samples): Uint8Array {
  return samples instanceof Uint8Array ? samples : Uint8Array.from(samples, (value) => (value + 128) / 257);
}

/** Reads the colours of a page, row by row. */
export const pageRows = ({ pixels, width, channels }: Page): ReadRows => rowsOf(pixels, width, channels);
