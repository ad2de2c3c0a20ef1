/** JPEG, WebP and more in Node, by sharp, which is an optional part. PNG needs none. */
import { PhotochromError } from "../errors.js";
import type { Codec, Decoded } from "./codec.js";

export const sharpCodec: Codec = {
  async decode(file: Uint8Array, type: string): Promise<Decoded> {
    const sharp = await load(type);
    const raw = sharp(file).toColourspace("srgb").ensureAlpha().raw();
    const { data, info } = await raw.toBuffer({ resolveWithObject: true });
    return { rgba: data, height: info.height, width: info.width };
  },
  async encodeJpeg(rgb: Uint8Array, height: number, width: number, quality: number): Promise<Uint8Array> {
    const sharp = await load("image/jpeg");
    const image = sharp(rgb, { raw: { width, height, channels: 3 } });
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
