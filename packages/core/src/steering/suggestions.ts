/** The most likely clearly distinct colours of a distribution, for a person to choose from. */
import { labToHex } from "../color/hex.js";
import type { ColorDistribution } from "../inference/predictor.js";

/** A colour that the network thinks possible at a place. */
export interface Suggestion {
  /** `"#rrggbb"`, sRGB, at the picture's lightness there. */
  color: string;
  /** That the true colour lies within 15 units of a*b* of it, and nearer to it than to the others. */
  probability: number;
}

/** Standard deviation of the smoothing that joins neighbouring bins into one hump. */
const SMOOTHING = 8;
/** Colours nearer to each other than this are one suggestion. */
const APART = 20;
/** A colour has the probability of the bins within this distance. */
const REACH = 15;

type Bins = readonly (readonly [number, number])[];

/** Returns the likeliest colours at a place, given as parts 0..1 of the width and the height. */
export function suggestColors(
  distribution: ColorDistribution,
  across: number,
  down: number,
  count: number,
): Suggestion[] {
  const { height, width } = distribution.lightness;
  const row = Math.min(Math.trunc(down * height), height - 1);
  const column = Math.min(Math.trunc(across * width), width - 1);
  const cell = row * width + column;
  const size = height * width;
  const probability = Float64Array.from(distribution.bins, (_, q) => distribution.probability.data[q * size + cell]);
  const found = distinctColors(probability, distribution.bins, count);
  const lightness = distribution.lightness.data[cell];
  return found.map(({ ab, share }) => ({ color: labToHex(lightness, ab[0], ab[1]), probability: share }));
}

export interface DistinctColor {
  ab: [number, number];
  share: number;
}

/**
 * Returns the tops of a distribution over colour bins, the most likely first.
 *
 * It is smoothed, and its highest tops are taken that are apart; each moves to the mean of the bins around it.
 */
export function distinctColors(probability: ArrayLike<number>, bins: Bins, count: number): DistinctColor[] {
  const squared = (one: readonly number[], other: readonly number[]): number =>
    (one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2;
  const density = bins.map((bin) => {
    let sum = 0;
    bins.forEach((other, q) => (sum += Math.exp(-squared(bin, other) / (2 * SMOOTHING ** 2)) * probability[q]));
    return sum;
  });
  const tops: [number, number][] = [];
  while (tops.length < count) {
    let top = 0;
    density.forEach((value, q) => value > density[top] && (top = q));
    if (!(density[top] > 0)) break;
    let [sum, a, b] = [0, 0, 0];
    bins.forEach((bin, q) => {
      const far = squared(bins[top], bin);
      if (far <= REACH ** 2) {
        sum += probability[q];
        a += probability[q] * bin[0];
        b += probability[q] * bin[1];
      }
      if (far < APART ** 2) density[q] = 0;
    });
    const color: [number, number] = [a / Math.max(sum, 1e-12), b / Math.max(sum, 1e-12)];
    if (sum > 0 && tops.every((other) => Math.sqrt(squared(color, other)) >= APART)) tops.push(color);
  }
  const shares = tops.map(() => 0);
  bins.forEach((bin, q) => {
    const distances = tops.map((top) => squared(bin, top));
    const nearest = distances.indexOf(Math.min(...distances));
    if (nearest >= 0 && distances[nearest] <= REACH ** 2) shares[nearest] += probability[q];
  });
  return tops.map((ab, i) => ({ ab, share: shares[i] })).sort((one, other) => other.share - one.share);
}
