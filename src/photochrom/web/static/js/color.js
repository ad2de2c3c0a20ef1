// Colours as numbers: sRGB, CIELAB (D65, 2 degrees) and plain names.

/** @typedef {[number, number, number]} Triple */

const WHITE = [0.95047, 1, 1.08883];
const DELTA = 6 / 29;

/** @type {(value: number) => number} */
const expand = (value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
/** @type {(value: number) => number} */
const compress = (value) => (value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055);
/** @type {(value: number) => number} */
const curve = (value) => (value > DELTA ** 3 ? Math.cbrt(value) : value / (3 * DELTA ** 2) + 4 / 29);
/** @type {(value: number) => number} */
const uncurve = (value) => (value > DELTA ? value ** 3 : 3 * DELTA ** 2 * (value - 4 / 29));

/** @param {Triple} rgb 0..1 @returns {Triple} L* 0..100, a*, b* */
function toLab(rgb) {
  const [r, g, b] = rgb.map(expand);
  const x = curve((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / WHITE[0]);
  const y = curve((0.2126729 * r + 0.7151522 * g + 0.072175 * b) / WHITE[1]);
  const z = curve((0.0193339 * r + 0.119192 * g + 0.9503041 * b) / WHITE[2]);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** @param {Triple} lab @returns {Triple} 0..1 where sRGB holds it, beyond where it does not */
export function fromLab([lightness, a, b]) {
  const y = (lightness + 16) / 116;
  const [X, Y, Z] = [WHITE[0] * uncurve(y + a / 500), WHITE[1] * uncurve(y), WHITE[2] * uncurve(y - b / 200)];
  const linear = [
    3.2404542 * X - 1.5371385 * Y - 0.4985314 * Z,
    -0.969266 * X + 1.8760108 * Y + 0.041556 * Z,
    0.0556434 * X - 0.2040259 * Y + 1.0572252 * Z,
  ];
  return /** @type {Triple} */ (linear.map((value) => (value < 0 ? value : compress(value))));
}

/** @param {Triple} rgb */
const inside = (rgb) => rgb.every((value) => value >= -0.0005 && value <= 1.0005);

/** The most chroma sRGB has at a lightness and hue. @param {number} lightness @param {number} hue degrees */
export function mostChroma(lightness, hue) {
  const [ca, cb] = direction(hue);
  let [low, high] = [0, 140];
  while (high - low > 0.5) {
    const middle = (low + high) / 2;
    if (inside(fromLab([lightness, middle * ca, middle * cb]))) low = middle;
    else high = middle;
  }
  return low;
}

/** @param {number} hue degrees */
export const direction = (hue) => [Math.cos((hue * Math.PI) / 180), Math.sin((hue * Math.PI) / 180)];

/** @param {string} hex "#rgb" or "#rrggbb" @returns {Triple | null} 0..1 */
export function parseHex(hex) {
  const match = /^#?([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(hex.trim());
  if (!match) return null;
  const digits = match[1].length === 6 ? match[1] : [...match[1]].map((digit) => digit + digit).join("");
  return /** @type {Triple} */ ([0, 2, 4].map((start) => parseInt(digits.slice(start, start + 2), 16) / 255));
}

/** @param {Triple} rgb 0..1, clipped */
export function toHex(rgb) {
  return "#" + rgb.map((value) => Math.round(255 * Math.min(Math.max(value, 0), 1)).toString(16).padStart(2, "0")).join("");
}

/** Hue in degrees and chroma. @param {string} hex */
export function polar(hex) {
  const [lightness, a, b] = toLab(parseHex(hex) ?? [0.5, 0.5, 0.5]);
  return { lightness, hue: ((Math.atan2(b, a) * 180) / Math.PI + 360) % 360, chroma: Math.hypot(a, b) };
}

/** The key of a colour's plain name. @param {string} hex */
export function nameKey(hex) {
  const { lightness, hue, chroma } = polar(hex);
  if (chroma < 7) return lightness < 18 ? "color.black" : lightness > 92 ? "color.white" : "color.gray";
  if (hue < 20 || hue >= 345) return lightness > 62 ? "color.pink" : "color.red";
  if (hue < 48) return lightness > 75 ? "color.pink" : chroma < 42 ? "color.brown" : lightness < 48 ? "color.red" : "color.orange";
  if (hue < 78) return lightness > 68 && chroma < 40 ? "color.beige" : lightness < 58 ? "color.brown" : "color.orange";
  if (hue < 105) return lightness > 70 && chroma < 32 ? "color.beige" : lightness < 55 ? "color.olive" : "color.yellow";
  if (hue < 125) return "color.olive";
  if (hue < 170) return "color.green";
  if (hue < 225) return "color.teal";
  if (hue < 300) return "color.blue";
  return lightness > 70 && hue > 325 ? "color.pink" : "color.purple";
}
