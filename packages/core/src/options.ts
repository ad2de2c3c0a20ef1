/** How a photo is coloured: the options and their ranges, as `photochrom.options` has them. */
import { PhotochromError } from "./errors.js";
import type { Hint } from "./inference/guidance.js";
import { MAX_VARIATIONS } from "./steering/variations.js";

export interface ColorizeOptions {
  /** 0 for the mean of what the network thinks possible, 1 for the default, 2 for bold. */
  vividness?: number;
  /** 0 for the image's own colours, 1 for the network's, up to 1.5 for more. */
  strength?: number;
  /** Short side of what the network sees, pixels; by default the network's own sizes. */
  inputSize?: number;
  /** Colours given at places of the photo. */
  hints?: readonly Hint[];
  /** Up to 16 colours `"#rrggbb"` that the image is pulled towards. */
  palette?: readonly string[];
  /** Which other colouring to make; the most likely one without it. */
  variation?: { seed: number; index: number };
  /** Pixels of a picture at most. */
  maxPixels?: number;
}

const RANGES: [string, (options: ColorizeOptions) => number | undefined, number, number][] = [
  ["vividness", (options) => options.vividness, 0, 2],
  ["strength", (options) => options.strength, 0, 1.5],
  ["inputSize", (options) => options.inputSize, 32, 2048],
  ["palette.length", (options) => options.palette?.length, 0, 16],
  ["variation.seed", (options) => options.variation?.seed, 0, 2 ** 32 - 1],
  ["variation.index", (options) => options.variation?.index, 0, MAX_VARIATIONS - 1],
];

/** Refuses options out of range. */
export function checkOptions(options: ColorizeOptions): void {
  for (const [name, read, low, high] of RANGES) {
    const value = read(options);
    if (value === undefined || (typeof value === "number" && value >= low && value <= high)) continue;
    throw new PhotochromError("option.out_of_range", { name, value, low, high });
  }
}
