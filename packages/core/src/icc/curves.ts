/** Tone curves of ICC profiles (ICC.1:2022, curveType and parametricCurveType), and the one of sRGB. Values are 0..1. */
import { srgbToLinear } from "../color/conversion.js";
import { interpolate } from "../numbers.js";

export type Curve = (value: number) => number;

export const srgbCurve: Curve = (value) => srgbToLinear(value);

const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const nameOf = (bytes: Uint8Array): string => String.fromCharCode(...bytes.subarray(0, 4));

/** Returns the tone curve of a tag, made never to fall. Throws where it is damaged. */
export function readCurve(tag: Uint8Array): Curve {
  if (nameOf(tag) === "para") return readParametricCurve(tag);
  if (nameOf(tag) !== "curv") throw new RangeError("an unknown tone curve");
  const data = view(tag);
  const count = data.getUint32(8);
  if (count === 0) return (value) => value;
  if (count > tag.length) throw new RangeError("a tone curve is cut");
  const values = Array.from({ length: count }, (_, i) => data.getUint16(12 + 2 * i));
  if (count === 1) {
    const gamma = values[0] / 256;
    if (gamma <= 0) throw new RangeError("a tone curve without gamma");
    return (value) => Math.max(value, 0) ** gamma;
  }
  const levels = values.map((value) => value / 65535);
  if (levels[count - 1] <= levels[0]) throw new RangeError("a tone curve that falls");
  // an inverse needs a curve that never falls
  for (let i = 1; i < count; i++) levels[i] = Math.max(levels[i], levels[i - 1]);
  const places = levels.map((_, i) => i / (count - 1));
  return (value) => interpolate(value, places, levels);
}

function readParametricCurve(tag: Uint8Array): Curve {
  const data = view(tag);
  const kind = data.getUint16(8);
  const number = [1, 3, 4, 5, 7][kind];
  if (number === undefined) throw new RangeError("an unknown tone curve");
  const p = Array.from({ length: number }, (_, i) => data.getInt32(12 + 4 * i) / 65536);
  const g = p[0];
  const [a, b] = kind ? [p[1], p[2]] : [1, 0];
  if (g <= 0 || a <= 0) throw new RangeError("a tone curve without gamma");
  // Y = (aX+b)^g + e where X >= d, else cX + f (ICC.1:2022, table 68)
  let [c, d, e, f] = [0, -b / a, 0, 0];
  if (kind === 2) e = f = p[3];
  else if (kind > 2) {
    [c, d] = [p[3], p[4]];
    if (kind === 4) [e, f] = [p[5], p[6]];
  }
  return (value) => (value >= d ? Math.max(a * Math.max(value, d) + b, 0) ** g + e : c * value + f);
}
