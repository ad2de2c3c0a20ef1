/** The browser's own codecs, in a page or in a worker. A canvas holds a strip of a picture, because it may be limited. */
import { iterateStrips, STRIP, type ReadRows } from "../image/rows.js";
import type { Codec, Decoded } from "./codec.js";

export const canvasCodec: Codec = { decode, encodeJpeg };

async function decode(file: Uint8Array, type: string, managed = false): Promise<Decoded> {
  const blob = new Blob([file as BlobPart], { type });
  const colorSpaceConversion = managed ? "default" : "none";
  const bitmap = await createImageBitmap(blob, { colorSpaceConversion, premultiplyAlpha: "none" });
  const { height, width } = bitmap;
  const canvas = new OffscreenCanvas(width, Math.min(STRIP, height));
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  const read = (top: number, count: number): Uint8ClampedArray => {
    context.clearRect(0, 0, width, STRIP);
    context.drawImage(bitmap, 0, -top);
    return context.getImageData(0, 0, width, count).data;
  };
  return { height, width, read, close: () => bitmap.close() };
}

async function encodeJpeg(read: ReadRows<Uint8Array>, height: number, width: number, quality: number): Promise<Uint8Array> {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { alpha: false, willReadFrequently: true })!;
  for (const [top, rows] of iterateStrips(height)) {
    const rgb = read(top, rows);
    const strip = new ImageData(width, rows);
    for (let i = 0, from = 0; i < strip.data.length; i += 4, from += 3) {
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
