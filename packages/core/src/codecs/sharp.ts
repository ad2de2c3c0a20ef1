/** JPEG, WebP and more in Node, by sharp, which is an optional part. PNG needs none. */
import { PhotochromError } from "../errors.js";
import { rowsOf, type ReadRows } from "../image/rows.js";
import type { Codec, Decoded } from "./codec.js";

export const sharpCodec: Codec = {
  async decode(file: Uint8Array, type: string): Promise<Decoded> {
    const sharp = await load(type);
    const raw = sharp(file).toColourspace("srgb").ensureAlpha().raw();
    const { data, info } = await raw.toBuffer({ resolveWithObject: true });
    const { height, width } = info;
    return { height, width, read: rowsOf(data as Uint8Array, width, 4), close: () => undefined };
  },
  async encodeJpeg(read: ReadRows<Uint8Array>, height: number, width: number, quality: number): Promise<Uint8Array> {
    const sharp = await load("image/jpeg");
    const image = sharp(read(0, height), { raw: { width, height, channels: 3 } });
    return image.jpeg({ quality: Math.round(quality), chromaSubsampling: "4:4:4" }).toBuffer();
  },
};

async function load(type: string): Promise<typeof import("sharp").default> {
  try {
    return (await import("sharp")).default;
  } catch (error) {
    const format = type.replace("image/", "").toUpperCase();
    throw new PhotochromError("system.no_codec", { format }, { cause: error });
  }
}
