/** The browser's own codecs, in a page or in a worker. */
import type { Codec, Decoded } from "./codec.js";

/** Rows drawn at a time: a canvas of the whole picture may be larger than a browser allows. */
const ROWS = 256;

export const canvasCodec: Codec = { decode, encodeJpeg };

async function decode(file: Uint8Array, type: string, managed = false): Promise<Decoded> {
  const blob = new Blob([file as BlobPart], { type });
  const colorSpaceConversion = managed ? "default" : "none";
  const bitmap = await createImageBitmap(blob, { colorSpaceConversion, premultiplyAlpha: "none" });
  const { height, width } = bitmap;
  const rgba = new Uint8ClampedArray(4 * height * width);
  const canvas = new OffscreenCanvas(width, Math.min(ROWS, height));
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  for (let top = 0; top < height; top += ROWS) {
    const rows = Math.min(ROWS, height - top);
    context.clearRect(0, 0, width, ROWS);
    context.drawImage(bitmap, 0, -top);
    rgba.set(context.getImageData(0, 0, width, rows).data, 4 * top * width);
  }
  bitmap.close();
  return { rgba, height, width };
}

async function encodeJpeg(rgb: Uint8Array, height: number, width: number, quality: number): Promise<Uint8Array> {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { alpha: false, willReadFrequently: true })!;
  for (let top = 0; top < height; top += ROWS) {
    const rows = Math.min(ROWS, height - top);
    const strip = new ImageData(width, rows);
    for (let i = 0, from = 3 * top * width; i < strip.data.length; i += 4, from += 3) {
      strip.data[i] = rgb[from];
      strip.data[i + 1] = rgb[from + 1];
      strip.data[i + 2] = rgb[from + 2];
      strip.data[i + 3] = 255;
    }
    context.putImageData(strip, 0, top);
  }
  const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: quality / 100 });
  return new Uint8Array(await blob.arrayBuffer());
}
