/** Colours as people write them: `"#rrggbb"` to a*b* and back. */
import { fitGamut, labToSrgb, srgbToLab } from "./conversion.js";
import { clamp, roundEven } from "../numbers.js";

/** Tells whether this is `"#rrggbb"` or `"#rgb"`. */
export function isHexColor(text: unknown): text is string {
  return typeof text === "string" && /^#([0-9a-fA-F]{3}){1,2}$/.test(text);
}

/** Returns the a* and b*, Lab units, of a colour. */
export function hexToAb(text: string): [number, number] {
  const digits = text.length === 7 ? text.slice(1) : [...text.slice(1)].map((digit) => digit + digit).join("");
  const [red, green, blue] = [0, 2, 4].map((start) => parseInt(digits.slice(start, start + 2), 16) / 255);
  const [, a, b] = srgbToLab(red, green, blue);
  return [a, b];
}

/** Returns `"#rrggbb"` of a colour; out of sRGB, chroma is lowered. */
export function labToHex(lightness: number, a: number, b: number): string {
  const rgb = labToSrgb(...fitGamut(lightness, a, b));
  return "#" + rgb.map((value) => roundEven(clamp(value, 0, 1) * 255).toString(16).padStart(2, "0")).join("");
}
