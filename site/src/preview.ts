/** Smaller copies of photos, for the screen. */
import { reduce, type Picture } from "@photochrom/core";

/** Longest side of what is shown, pixels. */
const SHOWN = 1600;

/** Returns a copy of a photo whose longest side is at most about this; the photo itself where it is no longer. */
export function makePreview(picture: Picture, longest = SHOWN): Picture {
  const { page } = picture;
  const factor = Math.ceil(Math.max(page.height, page.width) / longest);
  if (factor <= 1) return picture;
  const small = { ...page, ...reduce(page, factor) };
  if (page.alpha) small.alpha = reduce({ ...page, pixels: page.alpha, channels: 1 }, factor).pixels;
  return { ...picture, page: small };
}
