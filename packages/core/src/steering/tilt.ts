/** Exponential tilts of distributions over colours: they move a cell as far as it is uncertain, likely colours first. */
import type { Planes } from "../numbers.js";

/** How far, a*b* units on average, a candidate moves the uncertain third, and what that may cost there in nats. */
const [SHIFT, COST] = [9.5, 0.6];
/** Cells that an amplitude is measured at, about. */
const SOME = 400;

type Direction = readonly (readonly [number, number])[];

/** Tilts the distributions of some cells of a grid. */
export class Tilt {
  readonly #probability: Float32Array;
  readonly #bins: readonly (readonly [number, number])[];
  readonly #count: number;

  /** @param cells indices of the cells; all of them by default */
  constructor(planes: Planes, bins: readonly (readonly [number, number])[], cells?: readonly number[]) {
    const size = planes.height * planes.width;
    this.#bins = bins;
    this.#count = cells?.length ?? size;
    // cell by cell, so that a distribution lies in one piece
    this.#probability = new Float32Array(this.#count * bins.length);
    for (let i = 0; i < this.#count; i++) {
      const cell = cells ? cells[i] : i;
      for (let q = 0; q < bins.length; q++) this.#probability[i * bins.length + q] = planes.data[q * size + cell];
    }
  }

  /** Returns the mean distribution of the cells, weighted. */
  pool(weight: Float32Array): Float64Array {
    const out = new Float64Array(this.#bins.length);
    let sum = 0;
    for (let i = 0; i < this.#count; i++) {
      sum += weight[i];
      for (let q = 0; q < out.length; q++) out[q] += weight[i] * this.#probability[i * out.length + q];
    }
    return out.map((value) => value / Math.max(sum, 1e-6));
  }

  /** Returns how far a tilt moves the mean colours, (2,m) Lab units; each region has its direction. */
  shift(directions: Direction, weights: readonly Float32Array[]): Float32Array {
    const out = new Float32Array(2 * this.#count);
    for (let i = 0; i < this.#count; i++) {
      const moved = this.#tilt(i, directions, weights, 1);
      out[i] = moved.a;
      out[this.#count + i] = moved.b;
    }
    return out;
  }

  /** Returns how strong a tilt is wanted: so far, and no dearer; by halving. */
  amplitude(directions: Direction, weights: readonly Float32Array[]): number {
    let [low, high] = [0, 0.3];
    const step = Math.max(1, Math.floor(this.#count / SOME));
    for (let round = 0; round < 8; round++) {
      const middle = (low + high) / 2;
      let [shift, cost, cells] = [0, 0, 0];
      for (let i = 0; i < this.#count; i += step, cells++) {
        const moved = this.#tilt(i, directions, weights, middle);
        shift += Math.hypot(moved.a, moved.b);
        cost += moved.cost;
      }
      if (shift / cells > SHIFT || cost / cells > COST) high = middle;
      else low = middle;
    }
    return low;
  }

  #tilt(
    cell: number,
    directions: Direction,
    weights: readonly Float32Array[],
    amplitude: number,
  ): { a: number; b: number; cost: number } {
    const bins = this.#bins;
    let [da, db] = [0, 0];
    directions.forEach((direction, region) => {
      da += direction[0] * weights[region][cell] * amplitude;
      db += direction[1] * weights[region][cell] * amplitude;
    });
    let highest = -Infinity;
    for (const bin of bins) highest = Math.max(highest, bin[0] * da + bin[1] * db);
    const first = cell * bins.length;
    let [sum, a, b, ownA, ownB, log] = [0, 0, 0, 0, 0, 0];
    for (let q = 0; q < bins.length; q++) {
      const probability = this.#probability[first + q];
      const exponent = bins[q][0] * da + bins[q][1] * db - highest;
      const tilted = probability * Math.exp(exponent);
      sum += tilted;
      a += tilted * bins[q][0];
      b += tilted * bins[q][1];
      log += tilted * exponent;
      ownA += probability * bins[q][0];
      ownB += probability * bins[q][1];
    }
    const whole = Math.max(sum, 1e-20);
    return { a: a / whole - ownA, b: b / whole - ownB, cost: log / whole - Math.log(whole) };
  }
}
