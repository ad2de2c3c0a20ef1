/** A palette: what each colour bin's score loses under it, in nats, so that a picture is pulled towards its colours. */
import { hexToAb } from "../color/hex.js";

/** Standard deviation, a*b* units, of nearness to a palette colour, and to gray. */
const [NEAR, NEAR_GRAY] = [8, 6];
/** What a bin can lose, and what gray loses at the least. */
const [MOST, GRAY] = [3, 2.5];

/** Returns the bias of each bin, 0 or less. */
export function binBias(palette: readonly string[], bins: readonly (readonly [number, number])[]): Float32Array {
  const out = new Float32Array(bins.length);
  if (!palette.length) return out;
  const colors = palette.map(hexToAb);
  bins.forEach(([a, b], i) => {
    const squared = Math.min(...colors.map((color) => (a - color[0]) ** 2 + (b - color[1]) ** 2));
    const gray = GRAY + (a * a + b * b) / (2 * NEAR_GRAY ** 2);
    out[i] = 0 - Math.min(squared / (2 * NEAR ** 2), gray, MOST);
  });
  return out;
}
