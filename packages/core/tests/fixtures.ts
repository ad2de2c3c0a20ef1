/** The numbers of the Python side, and pictures that both sides make by one formula. */
import { readFileSync } from "node:fs";
import { makePage, type Page } from "../src/image/page.js";
import { findColorSpace } from "../src/icc/color_space.js";
import { SRGB_PROFILE } from "../src/icc/srgb_profile.js";
import type { Plane, Planes } from "../src/numbers.js";

// eslint-disable-next-line @typescript-eslint/no-explicit-any
export const fixtures: any = JSON.parse(readFileSync(new URL("fixtures.json", import.meta.url), "utf8"));

export const base64 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "base64"));

export function formulaPage(height: number, width: number, channels: number, top: number, icc?: string | null): Page {
  const count = height * width * channels;
  const pixels = top === 255 ? new Uint8Array(count) : new Uint16Array(count);
  let at = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++) {
        const checks = ((Math.floor(x / 9) + Math.floor(y / 7)) % 2) * 60;
        pixels[at++] = (x * 5 + y * 3 + Math.floor((x * y) / 17) * 11 + c * 29 + checks) % (top + 1);
      }
    }
  }
  const page = makePage(pixels, height, width);
  return icc ? { ...page, space: findColorSpace(base64(icc), channels === 1, SRGB_PROFILE).space } : page;
}

export function formulaPlanes(channels: number, height: number, width: number, low: number, high: number): Planes {
  const data = new Float32Array(channels * height * width);
  let at = 0;
  for (let c = 0; c < channels; c++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const wave = Math.sin(0.31 * x + 0.7 * c) * Math.cos(0.23 * y - 0.4 * c);
        data[at++] = low + ((high - low) * (wave + 1)) / 2;
      }
    }
  }
  return { data, channels, height, width };
}

export const formulaPlane = (height: number, width: number, low: number, high: number): Plane =>
  formulaPlanes(1, height, width, low, high);

/** Returns the largest difference of two lists. */
export function apart(one: ArrayLike<number>, other: ArrayLike<number>): number {
  if (one.length !== other.length) return Infinity;
  let most = 0;
  for (let i = 0; i < one.length; i++) most = Math.max(most, Math.abs(one[i] - other[i]));
  return most;
}
