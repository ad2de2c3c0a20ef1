/** Whether a picture's file goes to its end: decoders of browsers fill what is missing without a word. */
import { viewOf } from "./bytes.js";
import { iterateSegments } from "./jpeg.js";
import { iterateChunks } from "./png.js";

/** Tells whether a file is there whole, as far as its format says. */
export function hasEnd(file: Uint8Array, format: string): boolean {
  if (format === "JPEG") return hasJpegEnd(file);
  if (format === "PNG") return [...iterateChunks(file)].some(({ kind }) => kind === "IEND");
  if (format === "WEBP") return file.length >= viewOf(file).getUint32(4, true) + 8;
  return true;
}

function hasJpegEnd(file: Uint8Array): boolean {
  let at = 2;
  for (const { end } of iterateSegments(file)) at = end;
  // scans, and tables between them: the first end marker that is not within a segment
  while (at + 1 < file.length) {
    if (file[at] !== 0xff || file[at + 1] === 0 || file[at + 1] === 0xff) at++;
    else if (file[at + 1] === 0xd9) return true;
    else if (file[at + 1] >= 0xd0 && file[at + 1] <= 0xd7) at += 2;
    else at += 2 + Math.max(2, ((file[at + 2] ?? 0) << 8) | (file[at + 3] ?? 0));
  }
  return false;
}
