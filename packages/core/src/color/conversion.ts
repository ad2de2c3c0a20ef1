/**
 * sRGB and CIELAB (D65), and the way back into the gamut: one colour at a time, in double precision.
 *
 * Constants as in `photochrom.color.conversion`. sRGB is gamma-encoded and nominally 0..1, "linear" is light, L* is
 * 0..100. Nothing is clipped.
 */

export const XYZ_FROM_LINEAR = [
  [0.412453, 0.35758, 0.180423],
  [0.212671, 0.71516, 0.072169],
  [0.019334, 0.119193, 0.950227],
] as const;

/** The D65 white of the 2 degree observer. */
export const WHITE = [0.95047, 1.0, 1.08883] as const;

/** Distance between the centres of colour bins, a*b* units. */
export const BIN_STEP = 10;

/** CIELAB is linear below this: relative XYZ, and the same place after the cube root. */
export const LAB_KNEE = 0.008856;
export const LAB_KNEE_ROOT = 0.2068966;
const LAB_SLOPE = 7.787;
const LAB_OFFSET = 16 / 116;

/** The grays themselves lie a hair off the axis, because the matrix is rounded. */
const TOLERANCE = 1e-4;

export type Triple = [number, number, number];
export type Matrix = readonly (readonly [number, number, number])[];

export const LINEAR_FROM_XYZ = invert(XYZ_FROM_LINEAR);

/** Returns the inverse of a 3 x 3 matrix. */
export function invert(m: Matrix): Triple[] {
  const cofactor = (row: number, column: number): number => {
    const [r1, r2] = [(row + 1) % 3, (row + 2) % 3];
    const [c1, c2] = [(column + 1) % 3, (column + 2) % 3];
    return m[r1][c1] * m[r2][c2] - m[r1][c2] * m[r2][c1];
  };
  const determinant = m[0][0] * cofactor(0, 0) + m[0][1] * cofactor(0, 1) + m[0][2] * cofactor(0, 2);
  return [0, 1, 2].map((row) => [0, 1, 2].map((column) => cofactor(column, row) / determinant) as Triple);
}

/** Undoes the sRGB transfer curve. */
export function srgbToLinear(value: number): number {
  return value > 0.04045 ? ((value + 0.055) / 1.055) ** 2.4 : value / 12.92;
}

/** Applies the sRGB transfer curve; negative light stays on the straight part. */
export function linearToSrgb(light: number): number {
  return light > 0.0031308 ? 1.055 * light ** (1 / 2.4) - 0.055 : light * 12.92;
}

function root(value: number): number {
  return value > LAB_KNEE ? Math.cbrt(value) : LAB_SLOPE * value + LAB_OFFSET;
}

function cube(value: number): number {
  return value > LAB_KNEE_ROOT ? value * value * value : (value - LAB_OFFSET) / LAB_SLOPE;
}

/** Returns relative luminance Y of linear RGB. */
export function luminance(red: number, green: number, blue: number): number {
  const weights = XYZ_FROM_LINEAR[1];
  return weights[0] * red + weights[1] * green + weights[2] * blue;
}

/** Returns L* 0..100 of relative luminance 0..1. */
export function lightnessFromLuminance(y: number): number {
  return 116 * root(y) - 16;
}

/** Converts linear RGB to CIELAB. */
export function linearToLab(red: number, green: number, blue: number): Triple {
  const [x, y, z] = XYZ_FROM_LINEAR.map((row, i) => root((row[0] * red + row[1] * green + row[2] * blue) / WHITE[i]));
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

// one by one, because a loop over a matrix takes three times as long
const [[RX, RY, RZ], [GX, GY, GZ], [BX, BY, BZ]] = LINEAR_FROM_XYZ;

/** Converts CIELAB to linear RGB, outside 0..1 where sRGB does not reach. Writes into `out` if given. */
export function labToLinear(lightness: number, a: number, b: number, out: Triple = [0, 0, 0]): Triple {
  const root = (lightness + 16) / 116;
  const x = cube(root + a / 500) * WHITE[0];
  const y = cube(root);
  const z = cube(root - b / 200) * WHITE[2];
  out[0] = RX * x + RY * y + RZ * z;
  out[1] = GX * x + GY * y + GZ * z;
  out[2] = BX * x + BY * y + BZ * z;
  return out;
}

/** Converts sRGB 0..1 to CIELAB. */
export function srgbToLab(red: number, green: number, blue: number): Triple {
  return linearToLab(srgbToLinear(red), srgbToLinear(green), srgbToLinear(blue));
}

/** Converts CIELAB to sRGB; colours outside the gamut leave 0..1. */
export function labToSrgb(lightness: number, a: number, b: number): Triple {
  return labToLinear(lightness, a, b).map(linearToSrgb) as Triple;
}

const probe: Triple = [0, 0, 0];

function fits(lightness: number, a: number, b: number): boolean {
  labToLinear(lightness, a, b, probe);
  const low = -TOLERANCE;
  const high = 1 + TOLERANCE;
  return (
    probe[0] >= low && probe[0] <= high && probe[1] >= low && probe[1] <= high && probe[2] >= low && probe[2] <= high
  );
}

/**
 * Returns the largest factor 0..1 on a* and b* that keeps a colour inside sRGB at its lightness and hue.
 *
 * @param steps halvings of the interval; the factor is exact to 2**-steps, from below
 */
export function gamutScale(lightness: number, a: number, b: number, steps = 16): number {
  if (fits(lightness, a, b)) return 1;
  let [low, high] = [0, 1];
  for (let step = 0; step < steps; step++) {
    const middle = (low + high) / 2;
    if (fits(lightness, a * middle, b * middle)) low = middle;
    else high = middle;
  }
  return low;
}

/** Brings a colour into sRGB by lowering chroma at constant lightness and hue. */
export function fitGamut(lightness: number, a: number, b: number): Triple {
  const scale = gamutScale(lightness, a, b);
  return [lightness, a * scale, b * scale];
}
