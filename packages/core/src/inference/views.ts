/** What a network sees of an image: its lightness at the network's size, padded to what the network takes. */
import { shrink } from "../image/shrink.js";
import type { Page } from "../image/page.js";
import { makePlane, roundEven, type Plane } from "../numbers.js";
import type { ModelCard } from "../network/card.js";
import type { Size } from "./hint_plane.js";

/** An image longer than this many short sides is seen smaller, so that no shape makes the input large. */
const LONGEST = 4;

export interface View {
  /** L* 0..100, padded to multiples of the network's stride. */
  lightness: Plane;
  /** Rows and columns of it that the image covers, from the upper left. */
  height: number;
  width: number;
}

/** Returns height and width of a view, multiples of a cell. */
export function viewSize(height: number, width: number, shortSide: number, cell: number): Size {
  const short = Math.min(height, width);
  const long = Math.max(height, width);
  const scale = shortSide / Math.max(short, long / LONGEST);
  const fit = (side: number): number => Math.max(1, roundEven((side * scale) / cell)) * cell;
  return { height: fit(height), width: fit(width) };
}

/** Returns what the network sees of a page. */
export function viewPage(page: Page, card: ModelCard, shortSide: number): View {
  const { height, width } = viewSize(page.height, page.width, shortSide, card.outputStride);
  const small = shrink(page, height, width);
  const pad = (side: number): number => Math.ceil(side / card.stride) * card.stride;
  const lightness = makePlane(pad(height), pad(width));
  for (let y = 0; y < lightness.height; y++) {
    for (let x = 0; x < lightness.width; x++) {
      const from = Math.min(y, height - 1) * width + Math.min(x, width - 1);
      lightness.data[y * lightness.width + x] = small.data[from];
    }
  }
  return { lightness, height, width };
}

/** Returns the mean L* of each cell of a view. */
export function cellLightness(view: View, cell: number): Plane {
  const out = makePlane(view.height / cell, view.width / cell);
  for (let y = 0; y < view.height; y++) {
    for (let x = 0; x < view.width; x++) {
      const to = Math.floor(y / cell) * out.width + Math.floor(x / cell);
      out.data[to] += view.lightness.data[y * view.lightness.width + x] / (cell * cell);
    }
  }
  return out;
}
