/** What decodes and encodes pixels: the browser's own codecs in a page or worker, sharp in Node. */
import type { ReadRows } from "../image/rows.js";

/** A picture that a codec decoded, not turned. */
export interface Decoded {
  height: number;
  width: number;
  /** RGBA of 8 bits. */
  read: ReadRows<Uint8Array | Uint8ClampedArray>;
  /** Frees what the codec holds. */
  close(): void;
}

export interface Codec {
  /**
   * Decodes a picture's file; throws where it cannot.
   *
   * @param managed bring the pixels from the file's colour profile to sRGB; otherwise they stay as they are
   */
  decode(file: Uint8Array, type: string, managed?: boolean): Promise<Decoded>;
  /** Encodes RGB as a JPEG without metadata, at a quality 1..100 as libjpeg counts it. */
  encodeJpeg(read: ReadRows<Uint8Array>, height: number, width: number, quality: number): Promise<Uint8Array>;
}
