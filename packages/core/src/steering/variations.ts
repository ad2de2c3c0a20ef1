/**
 * Other colourings of one photo, each coherent, clearly different from one another and possible by the network's word.
 *
 * The port of `photochrom.steering.variations`: the uncertain part falls into a few regions; each is given one of its own
 * likely colours; every cell's distribution is tilted towards its region's colour, and the means become hints.
 */
import { labToHex } from "../color/hex.js";
import type { Hint } from "../inference/guidance.js";
import type { ColorDistribution } from "../inference/predictor.js";
import { Random } from "./random.js";
import { findRegions, uncertain } from "./regions.js";
import { distinctColors } from "./suggestions.js";
import { Tilt } from "./tilt.js";

/** Candidates drawn, of which the most different are chosen. */
const POOL = 24;
/** Colours tried in each region. */
const COLORS = 5;
/** One hint to this many cells in each direction. */
const EVERY = 4;
/** Variations that one seed gives. */
export const MAX_VARIATIONS = 12;

/**
 * Returns the hints that make other colourings, one list for each.
 *
 * @param height of the picture, pixels, which the hints' places are in
 * @param count how many, 1 to 12
 */
export function drawHints(
  distribution: ColorDistribution,
  height: number,
  width: number,
  count: number,
  seed: number,
): Hint[][] {
  const { bins } = distribution;
  const third = indices(uncertain(distribution.confidence.data, 1 / 3));
  const regions = findRegions(distribution, third);
  const near = regions.map((weight) => Float32Array.from(third, (cell) => weight[cell]));
  const tilt = new Tilt(distribution.probability, bins, third);
  const pooled = near.map((weight) => tilt.pool(weight));
  const palettes = pooled.map((probability) => distinctColors(probability, bins, COLORS));
  const middles = pooled.map((probability) =>
    [0, 1].map((c) => bins.reduce((sum, bin, q) => sum + probability[q] * bin[c], 0)),
  );
  const random = new Random(seed);
  const directions: [number, number][][] = [];
  const shifts: Float32Array[] = [];
  for (let i = 0; i < POOL; i++) {
    const direction = palettes.map((colors, region): [number, number] => {
      // the square root: a colour half as likely is drawn seven times for ten
      const { ab } = colors[random.choose(colors.map(({ share }) => Math.sqrt(share)))];
      const [a, b] = [ab[0] - middles[region][0], ab[1] - middles[region][1]];
      const length = Math.max(1, Math.hypot(a, b));
      return [a / length, b / length];
    });
    const amplitude = tilt.amplitude(direction, near);
    directions.push(direction.map(([a, b]) => [a * amplitude, b * amplitude]));
    shifts.push(tilt.shift(directions[i], near));
  }
  const everywhere = new Tilt(distribution.probability, bins);
  return chooseApart(shifts, count).map((index) =>
    placeHints(distribution, everywhere.shift(directions[index], regions), height, width),
  );
}

/** Returns the indices of candidates far from no change and from each other. */
function chooseApart(candidates: Float32Array[], count: number): number[] {
  const distance = (one: Float32Array, other?: Float32Array): number => {
    const cells = one.length / 2;
    let sum = 0;
    for (let i = 0; i < cells; i++) {
      sum += Math.hypot(one[i] - (other?.[i] ?? 0), one[cells + i] - (other?.[cells + i] ?? 0));
    }
    return sum / cells;
  };
  const nearest = candidates.map((candidate) => distance(candidate));
  const chosen: number[] = [];
  while (chosen.length < count) {
    const best = nearest.indexOf(Math.max(...nearest));
    chosen.push(best);
    candidates.forEach((candidate, i) => {
      nearest[i] = Math.min(nearest[i], distance(candidate, candidates[best]));
    });
    for (const index of chosen) nearest[index] = -1;
  }
  return chosen;
}

/** Returns a hint in every few cells: moved where the network is unsure, as it is where it is surest. */
function placeHints(distribution: ColorDistribution, shift: Float32Array, height: number, width: number): Hint[] {
  const { lightness, confidence, ab } = distribution;
  const size = confidence.height * confidence.width;
  const moved = uncertain(confidence.data, 0.5);
  const open = uncertain(confidence.data, 2 / 3);
  const hints: Hint[] = [];
  for (let row = Math.min(1, confidence.height - 1); row < confidence.height; row += EVERY) {
    for (let column = Math.min(1, confidence.width - 1); column < confidence.width; column += EVERY) {
      const cell = row * confidence.width + column;
      if (!moved[cell] && open[cell]) continue;
      const [a, b] = [0, 1].map((c) => ab.data[c * size + cell] + (moved[cell] ? shift[c * size + cell] : 0));
      // of the picture's own lightness, so that sRGB reaches the colour if the picture does
      const color = labToHex(lightness.data[cell], a, b);
      const x = ((column + 0.5) * width) / confidence.width;
      hints.push({ x, y: ((row + 0.5) * height) / confidence.height, color });
    }
  }
  return hints;
}

const indices = (mask: Uint8Array): number[] => Array.from(mask.keys()).filter((i) => mask[i]);

