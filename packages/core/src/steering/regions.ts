/** The uncertain part of a picture, and the few regions it falls into. */
import type { ColorDistribution } from "../inference/predictor.js";
import { roundEven } from "../numbers.js";

const REGIONS = 3;

/** Returns where the network is least sure: this part of the cells, as a mask. */
export function uncertain(confidence: Float32Array, part: number): Uint8Array {
  const order = Array.from(confidence.keys()).sort((one, other) => confidence[one] - confidence[other] || one - other);
  const mask = new Uint8Array(confidence.length);
  for (const cell of order.slice(0, Math.max(1, roundEven(part * confidence.length)))) mask[cell] = 1;
  return mask;
}

/** Returns how much each cell belongs to each region, sums to 1: near in place, in lightness and in colour. */
export function findRegions(distribution: ColorDistribution, open: readonly number[]): Float32Array[] {
  const { height, width } = distribution.confidence;
  const side = Math.max(height, width);
  const size = height * width;
  const features = [0, 1, 2, 3, 4].map(() => new Float32Array(size));
  for (let i = 0; i < size; i++) {
    features[0][i] = (1.2 * Math.floor(i / width)) / side;
    features[1][i] = (1.2 * (i % width)) / side;
    features[2][i] = distribution.lightness.data[i] / 30;
  }
  distribution.bins.forEach(([a, b], q) => {
    for (let i = 0; i < size; i++) {
      features[3][i] += (a / 15) * distribution.probability.data[q * size + i];
      features[4][i] += (b / 15) * distribution.probability.data[q * size + i];
    }
  });
  const distances = (anchor: number[]): Float64Array =>
    Float64Array.from({ length: size }, (_, i) => features.reduce((sum, f, k) => sum + (f[i] - anchor[k]) ** 2, 0));
  const at = (cell: number): number[] => features.map((f) => f[cell]);
  const center = features.map((f) => open.reduce((sum, cell) => sum + f[cell], 0) / open.length);
  const toCenter = distances(center);
  // the first is where uncertainty gathers, each other far from those before
  const squared = [distances(at(open.reduce((best, cell) => (toCenter[cell] < toCenter[best] ? cell : best))))];
  while (squared.length < REGIONS) {
    const nearest = (cell: number): number => Math.min(...squared.map((d) => d[cell]));
    squared.push(distances(at(open.reduce((best, cell) => (nearest(cell) > nearest(best) ? cell : best)))));
  }
  const weights = squared.map(() => new Float32Array(size));
  for (let i = 0; i < size; i++) {
    const least = Math.min(...squared.map((d) => d[i]));
    const near = squared.map((d) => Math.exp(-(d[i] - least) / 0.5));
    const sum = near.reduce((total, value) => total + value, 0);
    near.forEach((value, region) => (weights[region][i] = value / sum));
  }
  return weights;
}
