/** Resampling of planes of floating point numbers as Pillow does it: separable, antialiased, over a box of the input. */
import { makePlane, type Plane } from "../numbers.js";

export interface Filter {
  support: number;
  at: (x: number) => number;
}

const A = -0.5;

export const BICUBIC: Filter = {
  support: 2,
  at: (x) => {
    const far = Math.abs(x);
    if (far < 1) return ((A + 2) * far - (A + 3)) * far * far + 1;
    if (far < 2) return (((far - 5) * far + 8) * far - 4) * A;
    return 0;
  },
};

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

export const LANCZOS: Filter = {
  support: 3,
  at: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0),
};

/** For each output cell, where its weights begin and what they are. */
export interface Weights {
  start: Int32Array;
  count: Int32Array;
  width: number;
  data: Float64Array;
}

/** Returns the weights that make `outSize` cells of the part `begin`..`end` of `inSize` cells. */
export function findWeights(filter: Filter, inSize: number, begin: number, end: number, outSize: number): Weights {
  const scale = (end - begin) / outSize;
  const stretch = Math.max(scale, 1);
  const support = filter.support * stretch;
  const width = Math.ceil(support) * 2 + 1;
  const weights: Weights = {
    start: new Int32Array(outSize),
    count: new Int32Array(outSize),
    width,
    data: new Float64Array(outSize * width),
  };
  for (let i = 0; i < outSize; i++) {
    const center = begin + (i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(center - support + 0.5));
    const last = Math.min(inSize, Math.trunc(center + support + 0.5));
    let sum = 0;
    for (let j = first; j < last; j++) {
      const weight = filter.at((j - center + 0.5) / stretch);
      weights.data[i * width + j - first] = weight;
      sum += weight;
    }
    if (sum !== 0) for (let j = 0; j < last - first; j++) weights.data[i * width + j] /= sum;
    weights.start[i] = first;
    weights.count[i] = last - first;
  }
  return weights;
}

/** Resamples the rows of a plane. */
export function resampleRows(plane: Plane, weights: Weights): Plane {
  const out = makePlane(plane.height, weights.start.length);
  for (let y = 0; y < plane.height; y++) {
    const row = y * plane.width;
    for (let x = 0; x < out.width; x++) {
      const at = row + weights.start[x];
      const first = x * weights.width;
      let sum = 0;
      for (let j = 0; j < weights.count[x]; j++) sum += plane.data[at + j] * weights.data[first + j];
      out.data[y * out.width + x] = sum;
    }
  }
  return out;
}

/** Writes row `y` of a plane resampled along its columns into `row`. */
export function resampleColumnsAt(plane: Plane, weights: Weights, y: number, row: Float32Array): void {
  row.fill(0);
  for (let j = 0; j < weights.count[y]; j++) {
    const weight = weights.data[y * weights.width + j];
    const from = (weights.start[y] + j) * plane.width;
    for (let x = 0; x < plane.width; x++) row[x] += plane.data[from + x] * weight;
  }
}

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Resamples a plane, or the part of it in a box, to another size. */
export function resize(plane: Plane, height: number, width: number, filter: Filter = BICUBIC, box?: Box): Plane {
  const { left, top, right, bottom } = box ?? { left: 0, top: 0, right: plane.width, bottom: plane.height };
  const across = width !== plane.width || left !== 0 || right !== width;
  const down = height !== plane.height || top !== 0 || bottom !== height;
  const wide = across ? resampleRows(plane, findWeights(filter, plane.width, left, right, width)) : plane;
  if (!down) return wide;
  const weights = findWeights(filter, plane.height, top, bottom, height);
  const out = makePlane(height, width);
  for (let y = 0; y < height; y++) resampleColumnsAt(wide, weights, y, out.data.subarray(y * width, (y + 1) * width));
  return out;
}
