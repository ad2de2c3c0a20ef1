/** How stored pixel values relate to light: lightness out of them, and linear sRGB back into them. */
import { invert, lightnessFromLuminance, linearToSrgb, XYZ_FROM_LINEAR, type Triple } from "../color/conversion.js";
import { clamp, interpolate, makePlane, type Plane } from "../numbers.js";
import type { Samples } from "../image/page.js";
import { srgbCurve, type Curve } from "./curves.js";
import { parseProfile, type Profile } from "./profile.js";

const WEIGHTS = XYZ_FROM_LINEAR[1];
/** Steps of the square root of light at which output curves are tabulated. */
const STEPS = 65535;

export interface SpaceOptions {
  curves?: Curve[];
  matrix?: Triple[] | undefined;
  inLightness?: boolean;
  outputIcc?: Uint8Array | undefined;
  outputCurves?: Curve[] | undefined;
}

/** What the pixels of a page mean, and in which space its coloured pixels are written. */
export class ColorSpace {
  /** The profile that the coloured file must carry; undefined when the source had none. */
  readonly outputIcc: Uint8Array | undefined;
  readonly #curves: Curve[];
  readonly #matrix: Triple[] | undefined;
  readonly #back: Triple[] | undefined;
  readonly #inLightness: boolean;
  readonly #outputCurves: Curve[] | undefined;
  readonly #tables = new Map<string, Float32Array | Uint16Array>();

  constructor(options: SpaceOptions = {}) {
    this.#curves = options.curves ?? [srgbCurve];
    this.#matrix = options.matrix;
    this.#back = options.matrix && options.outputCurves ? invert(options.matrix) : undefined;
    this.#inLightness = options.inLightness ?? false;
    this.#outputCurves = options.outputCurves;
    this.outputIcc = options.outputIcc;
  }

  /** Returns L* 0..100 of samples. */
  lightness(pixels: Samples, channels: 1 | 3, height: number, width: number): Plane {
    const out = makePlane(height, width);
    this.lightnessInto(pixels, channels, 0, out.data);
    return out;
  }

  /** Writes L* of as many pixels as `out` has, from pixel `first` on. */
  lightnessInto(pixels: Samples, channels: 1 | 3, first: number, out: Float32Array): void {
    const levels = pixels instanceof Uint8Array ? 256 : 65536;
    if (channels === 1) {
      const table = this.#table(`L${levels}`, () => tabulate(levels, (value) => this.#grayLightness(value)));
      for (let i = 0; i < out.length; i++) out[i] = table[pixels[first + i]];
      return;
    }
    const m = this.#matrix;
    const [red, green, blue] = [0, 1, 2].map((c) => this.linearTable(c, levels));
    const [r, g, b] = [0, 1, 2].map((c) =>
      m ? WEIGHTS[0] * m[0][c] + WEIGHTS[1] * m[1][c] + WEIGHTS[2] * m[2][c] : WEIGHTS[c],
    );
    for (let i = 0, at = 3 * first; i < out.length; i++, at += 3) {
      const light = r * red[pixels[at]] + g * green[pixels[at + 1]] + b * blue[pixels[at + 2]];
      out[i] = clamp(lightnessFromLuminance(clamp(light, 0, 1)), 0, 100);
    }
  }

  /** Returns light 0..1 of each level of a channel, in the profile's own primaries. */
  linearTable(channel: number, levels: number): Float32Array {
    const curve = this.#curves[channel % this.#curves.length];
    return this.#table(`linear${channel},${levels}`, () => tabulate(levels, (value) => clamp(curve(value), 0, 1)));
  }

  /** Returns linear sRGB of three samples; colours outside sRGB leave 0..1. */
  decode(pixels: Samples, at: number): Triple {
    const levels = pixels instanceof Uint8Array ? 256 : 65536;
    const own = [0, 1, 2].map((c) => this.linearTable(c, levels)[pixels[at + c]]) as Triple;
    return this.#matrix ? apply(this.#matrix, own) : own;
  }

  /** Returns what writes linear sRGB 0..1 as three samples of `out`. */
  encoder(out: Samples): (linear: Triple, at: number) => void {
    const back = this.#back;
    if (out instanceof Uint16Array) {
      const curves = [0, 1, 2].map((c) => (this.#outputCurves ? this.#inverse(c) : linearToSrgb));
      return (linear, at) => {
        const own = back ? apply(back, linear) : linear;
        for (let c = 0; c < 3; c++) out[at + c] = Math.floor(curves[c](clamp(own[c], 0, 1)) * 65535 + 0.5);
      };
    }
    const [red, green, blue] = [0, 1, 2].map((c) => this.#byteTable(c));
    const place = (light: number): number => Math.floor(Math.sqrt(clamp(light, 0, 1)) * STEPS + 0.5);
    return (linear, at) => {
      const own = back ? apply(back, linear) : linear;
      out[at] = red[place(own[0])];
      out[at + 1] = green[place(own[1])];
      out[at + 2] = blue[place(own[2])];
    };
  }

  /** Returns the table of bytes by the square root of light, for channels that are written as they are. */
  #byteTable(channel: number): Uint16Array {
    // equal steps of the square root are fine where the curve is steep, at black
    const curve = this.#outputCurves ? this.#inverse(channel) : linearToSrgb;
    const key = this.#outputCurves ? `bytes${channel}` : "bytes";
    return this.#table(key, () => {
      const table = new Uint16Array(STEPS + 1);
      for (let i = 0; i <= STEPS; i++) table[i] = Math.floor(clamp(curve((i / STEPS) ** 2), 0, 1) * 255 + 0.5);
      return table;
    });
  }

  #inverse(channel: number): Curve {
    const curve = this.#outputCurves?.[channel] ?? srgbCurve;
    const samples = this.#table(`inverse${channel}`, () => {
      const invertCurve = invertRising(curve);
      const table = new Float32Array(STEPS + 2);
      for (let i = 0; i < table.length; i++) table[i] = invertCurve(Math.min(i / STEPS, 1) ** 2);
      return table;
    });
    return (light) => {
      const place = Math.sqrt(light) * STEPS;
      const cell = Math.floor(place);
      return samples[cell] + (place - cell) * (samples[cell + 1] - samples[cell]);
    };
  }

  #grayLightness(value: number): number {
    // a gray value under an RGB profile is R = G = B
    const m = this.#matrix;
    const sum = WEIGHTS[0] + WEIGHTS[1] + WEIGHTS[2];
    let light = 0;
    if (this.#curves.length === 1) light = clamp(this.#curves[0](value), 0, 1);
    else {
      for (let c = 0; c < 3; c++) {
        const weight = m ? WEIGHTS[0] * m[0][c] + WEIGHTS[1] * m[1][c] + WEIGHTS[2] * m[2][c] : WEIGHTS[c];
        light += (weight / sum) * clamp(this.#curves[c](value), 0, 1);
      }
    }
    return this.#inLightness ? 100 * light : clamp(lightnessFromLuminance(light), 0, 100);
  }

  #table<T extends Float32Array | Uint16Array>(key: string, make: () => T): T {
    let found = this.#tables.get(key) as T | undefined;
    if (!found) this.#tables.set(key, (found = make()));
    return found;
  }
}

function tabulate(levels: number, curve: Curve): Float32Array {
  const table = new Float32Array(levels);
  for (let i = 0; i < levels; i++) table[i] = curve(i / (levels - 1));
  return table;
}

function apply(matrix: Triple[], [x, y, z]: Triple): Triple {
  return matrix.map((row) => row[0] * x + row[1] * y + row[2] * z) as Triple;
}

function invertRising(curve: Curve): Curve {
  const places: number[] = [];
  const values: number[] = [];
  // samples crowd at black, where curves with a gamma are flat and their inverse steep
  for (let i = 0; i < 65536; i++) {
    const value = (i / 65535) ** 1.5;
    const light = clamp(curve(value), 0, 1);
    if (places.length && light <= places[places.length - 1]) continue;
    places.push(light);
    values.push(value);
  }
  return (light) => interpolate(light, places, values);
}

/** The space of pixels without a profile. */
export const SRGB = new ColorSpace();

/**
 * Returns the space of pixels with a profile, and what the profile is.
 *
 * A profile that is damaged, or that is for gray where the pixels are colour, is passed over: the pixels are taken as
 * sRGB. Pixels under a `table` profile have to be converted to sRGB first.
 */
export function findColorSpace(
  icc: Uint8Array | undefined,
  gray: boolean,
  srgbProfile: Uint8Array,
): { space: ColorSpace; profile: Profile | undefined } {
  if (!icc) return { space: SRGB, profile: undefined };
  const profile = parseProfile(icc);
  if (!profile || profile.kind === "table" || (profile.kind === "gray" && !gray)) {
    const known = profile?.kind === "table" ? profile : undefined;
    return { space: new ColorSpace({ outputIcc: srgbProfile }), profile: known };
  }
  if (profile.kind === "gray") {
    const space = new ColorSpace({ curves: profile.curves, inLightness: profile.inLightness, outputIcc: srgbProfile });
    return { space, profile };
  }
  if (isSrgb(profile)) return { space: new ColorSpace({ outputIcc: icc }), profile };
  const { curves, matrix } = profile;
  return { space: new ColorSpace({ curves, matrix, outputIcc: icc, outputCurves: curves }), profile };
}

function isSrgb(profile: Profile): boolean {
  for (let i = 0; i <= 256; i++) {
    const exact = srgbCurve(i / 256);
    if (profile.curves.some((curve) => Math.abs(curve(i / 256) - exact) > 2e-5 + 1e-5 * exact)) return false;
  }
  return profile.matrix!.every((row, i) => row.every((value, j) => Math.abs(value - (i === j ? 1 : 0)) < 1e-3));
}
