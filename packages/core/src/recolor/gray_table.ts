/** The quick way for 8-bit gray: every gray level under every chroma of one unit, computed where the two first meet. */
import type { Triple } from "../color/conversion.js";
import type { ColorSpace } from "../icc/color_space.js";
import { clamp, roundEven } from "../numbers.js";
import { join } from "./join.js";

const LEVELS = 256;
/** Units of a* and of b* from 0 to where sRGB has no colours any more by far. */
const REACH = 255;
const SIDE = 2 * REACH + 1;
/** Chroma that later pictures may find computed, 1 kB each; one photo has 2,000 or so. */
const KEPT = 8192;
/** Set in each colour, because 0 stands for one that was not computed yet. */
const KNOWN = 1 << 24;

const tables = new WeakMap<ColorSpace, GrayTable>();

/**
 * Colours of the gray levels of one colour space. Lightness is exact; a* and b* are within half a unit.
 *
 * A photo's preview, its file and its other strengths share what was computed.
 */
export class GrayTable {
  readonly #lightness: Float32Array;
  readonly #encode: (linear: Triple, at: number) => void;
  readonly #rgb = new Uint8Array(3);
  readonly #linear: Triple = [0, 0, 0];
  /** Which chroma has which number, from 1 on; 0 where it has none. */
  readonly #numbers = new Int32Array(SIDE * SIDE);
  /** a* and b* of each number. */
  readonly #chroma: number[] = [0, 0];
  /** Red in the lowest byte; of each number all gray levels. */
  #colors = new Int32Array(1024 * LEVELS);

  private constructor(space: ColorSpace) {
    this.#lightness = space.lightness(Uint8Array.from({ length: LEVELS }, (_, i) => i), 1, 1, LEVELS).data;
    this.#encode = space.encoder(this.#rgb);
  }

  /** Returns the table of a space: the one of an earlier picture, unless that has grown large. */
  static of(space: ColorSpace): GrayTable {
    let table = tables.get(space);
    if (!table || table.#chroma.length > 2 * KEPT) tables.set(space, (table = new GrayTable(space)));
    return table;
  }

  /** Writes where the colours of each a* and b* begin. */
  find(a: Float32Array, b: Float32Array, places: Int32Array): void {
    for (let i = 0; i < places.length; i++) {
      const down = clamp(roundEven(a[i]), -REACH, REACH);
      const across = clamp(roundEven(b[i]), -REACH, REACH);
      const cell = (down + REACH) * SIDE + across + REACH;
      places[i] = LEVELS * (this.#numbers[cell] || this.#add(cell, down, across));
    }
  }

  /** Returns the colour of a gray level, from where `find` says; red is its lowest byte, blue its third. */
  colorAt(place: number): number {
    return this.#colors[place] || this.#compute(place);
  }

  #add(cell: number, a: number, b: number): number {
    const number = this.#chroma.length / 2;
    this.#chroma.push(a, b);
    this.#numbers[cell] = number;
    if (this.#colors.length <= LEVELS * number) {
      const larger = new Int32Array(2 * this.#colors.length);
      larger.set(this.#colors);
      this.#colors = larger;
    }
    return number;
  }

  #compute(place: number): number {
    const number = Math.floor(place / LEVELS);
    join(this.#lightness[place % LEVELS], this.#chroma[2 * number], this.#chroma[2 * number + 1], this.#linear);
    this.#encode(this.#linear, 0);
    const [red, green, blue] = this.#rgb;
    return (this.#colors[place] = KNOWN | (blue << 16) | (green << 8) | red);
  }
}
