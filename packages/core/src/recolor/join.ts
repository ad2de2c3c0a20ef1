/** L* and a*b* to linear light inside the sRGB gamut, pixel by pixel. */
import { clamp } from "../numbers.js";
import { gamutScale, labToLinear, luminance, type Triple } from "../color/conversion.js";

/** Linear light that leaves 0..1 by no more is mixed with its gray; where it leaves by more, chroma is lowered first. */
const TOLERANCE = 1e-4;
const STEPS = 10;

/** Writes linear sRGB 0..1 of a colour; chroma is lowered, at constant L* and hue, where the gamut ends. */
export function join(lightness: number, a: number, b: number, out: Triple): void {
  labToLinear(lightness, a, b, out);
  const low = Math.min(out[0], out[1], out[2]);
  const high = Math.max(out[0], out[1], out[2]);
  if (low >= 0 && high <= 1) return;
  if (low < -TOLERANCE || high > 1 + TOLERANCE) {
    const scale = gamutScale(lightness, a, b, STEPS);
    labToLinear(lightness, a * scale, b * scale, out);
  }
  mixWithGray(out);
}

/** Brings a colour a hair outside 0..1 inside, at constant luminance; clipping would brighten what is almost black. */
function mixWithGray(linear: Triple): void {
  const gray = clamp(luminance(linear[0], linear[1], linear[2]), 0, 1);
  const low = Math.min(linear[0], linear[1], linear[2], 0);
  const high = Math.max(linear[0], linear[1], linear[2], 1);
  const part = Math.min(gray / Math.max(gray - low, 1e-12), (1 - gray) / Math.max(high - gray, 1e-12));
  for (let i = 0; i < 3; i++) linear[i] = clamp(gray + (linear[i] - gray) * part, 0, 1);
}
