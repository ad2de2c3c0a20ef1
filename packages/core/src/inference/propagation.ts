/**
 * Spreads what a network left undone of its hints over what belongs to them, by kriging: exact at the hints, and
 * elsewhere as far as a place is akin to them. See `photochrom.inference.propagation` for why each number is what it is.
 */
import { clamp, spreadEvenly, type Plane, type Planes } from "../numbers.js";
import { hintCoverage } from "./hint_plane.js";

/** Three ways to be akin: the distance at which each has fallen to about a half, in short sides, and what it counts. */
const REACH = [0.12, 0.2, 1.7];
const COUNTS = [0.6, 0.4, 2.0];
const LOOKS = 3;
/** What several hints have in common everywhere. */
const EVERYWHERE = 0.5;
/** L* at which lightness alone makes kinship fall to about a half. */
const LIGHT = 20;
/** How the change a place allows grows with the uncertainty there, and between which uncertainties. */
const [DOUBTFUL, SURE, UNSURE] = [0.75, 8, 20];
/** Variance of a hint's own error, of the residual's; of a match with another photo, which may be wrong. */
const [NOISE, DOUBT] = [0.02, 0.5];
/** Hints' cells used at most. */
const MOST = 600;

export interface Spreading {
  /** The network's answer. */
  ab: Planes;
  /** a*, b* and the mask of a person's hints. */
  hints: Planes | undefined;
  /** The same of hints that may be wrong. */
  matches?: Planes | undefined;
  lightness: Plane;
  affinity?: Planes | undefined;
  uncertainty?: Planes | undefined;
}

/** Moves an answer to its hints: at them their colours, far from them the answer as it was. */
export function spread(task: Spreading): Planes {
  const { ab } = task;
  const size = ab.height * ab.width;
  const given = maskOf(task.hints, size);
  const guessed = maskOf(task.matches, size).map((on, i) => (given[i] ? 0 : on));
  const sure = someOf(given);
  const doubtful = someOf(guessed);
  const places = [...sure, ...doubtful];
  if (!places.length) return ab;
  const kin = new Kinship(task, hintCoverage(given.map((on, i) => on || guessed[i]), ab.height, ab.width));
  const n = places.length;
  const matrix = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const noise = i === j ? (i < sure.length ? NOISE : DOUBT) : 0;
      matrix[i * n + j] = matrix[j * n + i] = kin.between(places[i], places[j], noise);
    }
  }
  const residual = [0, 1].map((c) =>
    Float64Array.from(places, (place, i) => {
      const from = i < sure.length ? task.hints! : task.matches!;
      return from.data[c * size + place] - ab.data[c * size + place];
    }),
  );
  solve(matrix, residual, n);
  const out: Planes = { ...ab, data: ab.data.slice() };
  for (let cell = 0; cell < size; cell++) {
    let [a, b] = [0, 0];
    for (let i = 0; i < n; i++) {
      const akin = kin.between(places[i], cell, 0);
      a += residual[0][i] * akin;
      b += residual[1][i] * akin;
    }
    out.data[cell] += a;
    out.data[size + cell] += b;
  }
  return out;
}

function maskOf(planes: Planes | undefined, size: number): Float32Array {
  return planes ? planes.data.subarray(2 * size, 3 * size).map((on) => (on > 0 ? 1 : 0)) : new Float32Array(size);
}

/** Returns the cells of a mask, along rows; of too many, evenly drawn. */
function someOf(mask: Float32Array): number[] {
  const cells: number[] = [];
  mask.forEach((on, i) => on > 0 && cells.push(i));
  return cells.length <= MOST ? cells : spreadEvenly(cells.length - 1, MOST).map((i) => cells[i]);
}

/** How akin two cells of a grid are. */
class Kinship {
  readonly #width: number;
  readonly #size: number;
  readonly #unit: number;
  readonly #light: Float32Array;
  readonly #give: Float64Array;
  readonly #affinity: Planes | undefined;
  readonly #common: number;

  constructor({ lightness, affinity, uncertainty }: Spreading, common: number) {
    this.#width = lightness.width;
    this.#size = lightness.height * lightness.width;
    this.#unit = Math.min(lightness.height, lightness.width);
    this.#light = lightness.data;
    this.#affinity = affinity;
    this.#common = common;
    this.#give = new Float64Array(this.#size).fill(1);
    if (uncertainty) this.#give = Float64Array.from(uncertainty.data, (u) => clamp(u, SURE, UNSURE) ** DOUBTFUL);
  }

  between(one: number, other: number, noise: number): number {
    const width = this.#width;
    const dy = (Math.floor(one / width) - Math.floor(other / width)) / this.#unit;
    const dx = ((one % width) - (other % width)) / this.#unit;
    const place = dy * dy + dx * dx;
    const light = ((this.#light[one] - this.#light[other]) / LIGHT) ** 2;
    let sum = noise + this.#common * EVERYWHERE;
    for (let look = 0; look < LOOKS; look++) {
      const squared = place / REACH[look] ** 2 + light + this.#apart(look, one, other);
      const far = Math.sqrt(3 * squared + 1e-6);
      const akin = COUNTS[look] * (1 + far) * Math.exp(-far);
      sum += look === LOOKS - 1 ? this.#common * akin : akin;
    }
    return sum * this.#give[one] * this.#give[other];
  }

  /** How little two cells look alike to the network. */
  #apart(look: number, one: number, other: number): number {
    if (!this.#affinity) return 0;
    const { data, channels } = this.#affinity;
    const depth = channels / LOOKS;
    let sum = 0;
    for (let c = look * depth; c < (look + 1) * depth; c++) {
      const difference = data[c * this.#size + one] - data[c * this.#size + other];
      sum += difference * difference;
    }
    return sum;
  }
}

/** Solves linear equations of a symmetric positive matrix (n,n) for several right sides, in their place (Cholesky). */
export function solve(matrix: Float64Array, rights: Float64Array[], n: number): void {
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      let sum = matrix[i * n + j];
      for (let k = 0; k < j; k++) sum -= matrix[i * n + k] * matrix[j * n + k];
      matrix[i * n + j] = i === j ? Math.sqrt(Math.max(sum, 1e-12)) : sum / matrix[j * n + j];
    }
  }
  for (const right of rights) {
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < i; k++) right[i] -= matrix[i * n + k] * right[k];
      right[i] /= matrix[i * n + i];
    }
    for (let i = n - 1; i >= 0; i--) {
      for (let k = i + 1; k < n; k++) right[i] -= matrix[k * n + i] * right[k];
      right[i] /= matrix[i * n + i];
    }
  }
}
