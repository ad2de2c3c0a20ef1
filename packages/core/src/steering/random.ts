/** Chance from a seed, the same numbers as numpy's `default_rng`: SeedSequence and PCG64 (XSL-RR). */

const MASK32 = 0xffffffffn;
const MASK64 = (1n << 64n) - 1n;
const MASK128 = (1n << 128n) - 1n;
const MULTIPLIER = 0x2360ed051fc65da44385df649fccf645n;
const [INIT_A, MULT_A, INIT_B, MULT_B] = [0x43b0d7e5n, 0x931e8875n, 0x8b51f9ddn, 0x58f38dedn];
const [MIX_LEFT, MIX_RIGHT] = [0xca01f9ddn, 0x4973f715n];

/** Returns four words of 64 bits that a seed of 32 bits stands for. */
function spreadSeed(seed: number): bigint[] {
  let constant = INIT_A;
  const hash = (value: bigint): bigint => {
    let v = (value ^ constant) & MASK32;
    constant = (constant * MULT_A) & MASK32;
    v = (v * constant) & MASK32;
    return v ^ (v >> 16n);
  };
  const mix = (x: bigint, y: bigint): bigint => {
    const v = (MIX_LEFT * x - MIX_RIGHT * y) & MASK32;
    return v ^ (v >> 16n);
  };
  const pool = [BigInt(seed >>> 0), 0n, 0n, 0n].map(hash);
  for (let from = 0; from < 4; from++) for (let to = 0; to < 4; to++) if (from !== to) pool[to] = mix(pool[to], hash(pool[from]));
  constant = INIT_B;
  const words = Array.from({ length: 8 }, (_, i) => {
    let v = pool[i % 4] ^ constant;
    constant = (constant * MULT_B) & MASK32;
    v = (v * constant) & MASK32;
    return v ^ (v >> 16n);
  });
  return [0, 1, 2, 3].map((i) => words[2 * i] | (words[2 * i + 1] << 32n));
}

/** A generator of chance. */
export class Random {
  #state: bigint;
  readonly #increment: bigint;

  constructor(seed: number) {
    const [high, low, streamHigh, streamLow] = spreadSeed(seed);
    this.#increment = ((((streamHigh << 64n) | streamLow) << 1n) | 1n) & MASK128;
    this.#state = 0n;
    this.#step();
    this.#state = (this.#state + ((high << 64n) | low)) & MASK128;
    this.#step();
  }

  #step(): void {
    this.#state = (this.#state * MULTIPLIER + this.#increment) & MASK128;
  }

  /** Returns a number from 0 up to 1. */
  next(): number {
    this.#step();
    const mixed = (this.#state >> 64n) ^ (this.#state & MASK64);
    const turn = this.#state >> 122n;
    const rotated = ((mixed >> turn) | (mixed << ((64n - turn) & 63n))) & MASK64;
    return Number(rotated >> 11n) / 2 ** 53;
  }

  /** Returns an index, drawn with these probabilities. */
  choose(probabilities: readonly number[]): number {
    let sum = 0;
    const reached = probabilities.map((p) => (sum += p));
    const drawn = this.next();
    const found = reached.findIndex((value) => value / sum > drawn);
    return found < 0 ? probabilities.length - 1 : found;
  }
}
