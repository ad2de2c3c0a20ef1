/** ICC profiles of one tone curve, or of three and a matrix, read from their bytes (ICC.1:2022). */
import { invert, type Triple } from "../color/conversion.js";
import { readCurve, type Curve } from "./curves.js";

export interface Profile {
  kind: "gray" | "matrix" | "table";
  /** Tone curves, value 0..1 to light 0..1; none of a table. */
  curves: Curve[];
  /** Linear RGB to linear sRGB, rows sum to 1; identity unless the kind is `matrix`. */
  matrix: Triple[] | undefined;
  /** The gray curve gives L*-like values of 0..1 and not light. */
  inLightness: boolean;
}

/** sRGB primaries in the D50 connection space, as every sRGB profile has them. */
const SRGB_D50: Triple[] = [
  [0.43606567, 0.38514709, 0.14306641],
  [0.2224884, 0.71687317, 0.06060791],
  [0.01391602, 0.09707642, 0.71409607],
];

const text = (bytes: Uint8Array, start: number, end: number): string =>
  String.fromCharCode(...bytes.subarray(start, end));

/** Reads a profile; undefined when it is damaged or of a kind that says nothing about pixels. */
export function parseProfile(icc: Uint8Array): Profile | undefined {
  try {
    return parse(icc);
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError) return undefined;
    throw error;
  }
}

function parse(icc: Uint8Array): Profile | undefined {
  if (icc.length < 132 || text(icc, 36, 40) !== "acsp") return undefined;
  const data = new DataView(icc.buffer, icc.byteOffset, icc.byteLength);
  const colors = text(icc, 16, 20).trim();
  const connection = text(icc, 20, 24);
  if (connection !== "XYZ " && connection !== "Lab ") return undefined;
  const tags = new Map<string, Uint8Array>();
  for (let i = 0; i < Math.min(data.getUint32(128), 200); i++) {
    const at = 132 + 12 * i;
    const offset = data.getUint32(at + 4);
    tags.set(text(icc, at, at + 4), icc.subarray(offset, offset + data.getUint32(at + 8)));
  }
  const tag = (name: string): Uint8Array => {
    const found = tags.get(name);
    if (!found) throw new RangeError(`no ${name}`);
    return found;
  };
  if (colors === "GRAY" && tags.has("kTRC")) {
    return { kind: "gray", curves: [readCurve(tag("kTRC"))], matrix: undefined, inLightness: connection === "Lab " };
  }
  if (colors === "RGB" && !tags.has("A2B0") && connection === "XYZ ") {
    const curves = ["rTRC", "gTRC", "bTRC"].map((name) => readCurve(tag(name)));
    const [red, green, blue] = ["rXYZ", "gXYZ", "bXYZ"].map((name) => readXyz(tag(name)));
    const columns = [0, 1, 2].map((i) => [red[i], green[i], blue[i]] as Triple);
    const toSrgb = multiply(invert(SRGB_D50), columns);
    const sums = toSrgb.map((row) => row[0] + row[1] + row[2]);
    if (!sums.every((sum) => Math.abs(sum - 1) <= 0.2)) return undefined;
    const matrix = toSrgb.map((row, i) => row.map((value) => value / sums[i]) as Triple);
    return { kind: "matrix", curves, matrix, inLightness: false };
  }
  if (["RGB", "CMYK", "GRAY"].includes(colors) && tags.has("A2B0")) {
    return { kind: "table", curves: [], matrix: undefined, inLightness: false };
  }
  return undefined;
}

function readXyz(tag: Uint8Array): Triple {
  if (text(tag, 0, 4) !== "XYZ ") throw new RangeError("no XYZ");
  const data = new DataView(tag.buffer, tag.byteOffset, tag.byteLength);
  return [8, 12, 16].map((at) => data.getInt32(at) / 65536) as Triple;
}

/** Returns the product of two 3 x 3 matrices. */
export function multiply(one: Triple[], other: Triple[]): Triple[] {
  return one.map(
    (row) => [0, 1, 2].map((j) => row[0] * other[0][j] + row[1] * other[1][j] + row[2] * other[2][j]) as Triple,
  );
}
