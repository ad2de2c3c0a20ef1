/** A picture: the page of a file, and what the file carries besides. Read from bytes, and written as bytes. */
import { decodePng, encodePng } from "./codecs/png.js";
import type { Codec } from "./codecs/codec.js";
import { PhotochromError } from "./errors.js";
import { findColorSpace, ColorSpace } from "./icc/color_space.js";
import { parseProfile } from "./icc/profile.js";
import { SRGB_PROFILE } from "./icc/srgb_profile.js";
import { pageFromRows, turnUpright, type Page, type Samples } from "./image/page.js";
import { pageRows, toBytes, type ReadRows } from "./image/rows.js";
import { latin1, startsWith, viewOf } from "./metadata/bytes.js";
import { makeBlockUpright, readOrientation } from "./metadata/exif.js";
import { gatherJpeg, insertJpeg, keepPixelSegments, readFrame } from "./metadata/jpeg.js";
import { gatherPng, insertPng, keepPixelChunks, readPngFacts } from "./metadata/png.js";
import { gatherWebp, keepPixelData, readCanvasSize } from "./metadata/webp.js";
import { hasEnd } from "./metadata/wholeness.js";
import type { Metadata } from "./metadata/types.js";
import { addProvenance, removeAnnounced, removePlacement } from "./metadata/xmp.js";
import { VERSION } from "./version.js";

export type Format = "JPEG" | "PNG" | "WEBP" | "AVIF" | "GIF" | "BMP";

/** A picture, upright. */
export interface Picture {
  page: Page;
  format: Format;
  metadata: Metadata;
}

/** Pixels of a picture at most, unless said otherwise. */
export const MAX_PIXELS = 64_000_000;
const NOTHING: Metadata = { comments: [], pngChunks: [] };
const TYPES: Record<Format, string> = {
  JPEG: "image/jpeg",
  PNG: "image/png",
  WEBP: "image/webp",
  AVIF: "image/avif",
  GIF: "image/gif",
  BMP: "image/bmp",
};

/** Returns a file's format by its first bytes; undefined where it is not one that can be read. */
export function sniff(file: Uint8Array): Format | undefined {
  if (file[0] === 0xff && file[1] === 0xd8 && file[2] === 0xff) return "JPEG";
  if (startsWith(file, "\x89PNG\r\n\x1a\n")) return "PNG";
  if (startsWith(file, "RIFF") && latin1(file, 8, 12) === "WEBP") return "WEBP";
  if (latin1(file, 4, 8) === "ftyp" && /^avi[fs]$/.test(latin1(file, 8, 12))) return "AVIF";
  if (startsWith(file, "GIF8")) return "GIF";
  if (startsWith(file, "BM") && file.length > 26) return "BMP";
  return undefined;
}

/** Reads a picture from a file's bytes. */
export async function readPicture(file: Uint8Array, codec: Codec, maxPixels = MAX_PIXELS): Promise<Picture> {
  const format = sniff(file);
  if (!format) throw new PhotochromError("photo.not_a_picture");
  const checkSize = (height: number, width: number): void => {
    if (height * width <= maxPixels) return;
    throw new PhotochromError("photo.too_large", { width, height, limit: maxPixels / 1e6 });
  };
  if (!hasEnd(file, format)) throw new PhotochromError("photo.truncated");
  try {
    if (format === "PNG") return readPng(file, checkSize);
    return await readByCodec(file, format, codec, checkSize);
  } catch (error) {
    if (error instanceof PhotochromError) throw error;
    const memory = error instanceof RangeError && /memory|allocation|array length/i.test(error.message);
    throw new PhotochromError(memory ? "photo.out_of_memory" : "photo.damaged", {}, { cause: error });
  }
}

type SizeCheck = (height: number, width: number) => void;

function readPng(file: Uint8Array, checkSize: SizeCheck): Picture {
  const header = viewOf(file);
  checkSize(header.getUint32(20), header.getUint32(16));
  const facts = readPngFacts(file);
  if (facts.hdr) throw new PhotochromError("photo.unsupported", { reason: "it is an HDR picture" });
  const metadata = gatherPng(file);
  const page = decodePng(keepPixelChunks(file));
  const { gamma } = facts;
  if (gamma !== undefined) {
    const curve = (value: number): number => Math.max(value, 0) ** gamma;
    page.space = new ColorSpace({ curves: [curve], outputIcc: SRGB_PROFILE });
    return upright(page, "PNG", metadata);
  }
  return upright(withSpace(page, metadata), "PNG", metadata);
}

async function readByCodec(file: Uint8Array, format: Format, codec: Codec, checkSize: SizeCheck): Promise<Picture> {
  let [metadata, gray, managed, bytes] = [NOTHING, false, false, file];
  const needsCodec = (icc: Uint8Array | undefined): boolean => !!icc && parseProfile(icc)?.kind === "table";
  if (format === "JPEG") {
    const frame = readFrame(file);
    if (!frame) throw new PhotochromError("photo.damaged");
    if (frame.bits !== 8) throw new PhotochromError("photo.unsupported", { reason: `it has ${frame.bits} bits` });
    checkSize(frame.height, frame.width);
    metadata = gatherJpeg(file);
    gray = frame.components === 1;
    // the decoder of a table, or of inks, brings their pixels to sRGB
    managed = needsCodec(metadata.icc);
    bytes = keepPixelSegments(file, managed);
    if (managed || frame.components === 4) metadata.icc &&= SRGB_PROFILE;
  } else if (format === "WEBP") {
    const size = readCanvasSize(file);
    if (size) checkSize(size.height, size.width);
    metadata = gatherWebp(file);
    managed = needsCodec(metadata.icc);
    bytes = keepPixelData(file, managed);
    if (managed) metadata.icc = SRGB_PROFILE;
  }
  const decoded = await codec.decode(bytes, TYPES[format], managed);
  const { height, width, read } = decoded;
  try {
    checkSize(height, width);
    return upright(withSpace(pageFromRows(read, height, width, gray && !managed), metadata), format, metadata);
  } finally {
    decoded.close();
  }
}

function withSpace(page: Page, metadata: Metadata): Page {
  const { space, profile } = findColorSpace(metadata.icc, page.channels === 1, SRGB_PROFILE);
  if (profile?.kind === "table") {
    throw new PhotochromError("photo.unsupported", { reason: "its colour profile is a table" });
  }
  return { ...page, space };
}

function upright(page: Page, format: Format, found: Metadata): Picture {
  const orientation = readOrientation(found.exif);
  const turned = turnUpright(page, orientation);
  const metadata = { ...found };
  if (found.exif) metadata.exif = makeBlockUpright(found.exif, turned.width, turned.height);
  if (found.xmp) {
    metadata.xmp = removeAnnounced(orientation !== 1 ? removePlacement(found.xmp) : found.xmp);
  }
  if (found.density && orientation >= 5) {
    metadata.density = { ...found.density, x: found.density.y, y: found.density.x };
  }
  return { page: turned, format, metadata };
}

/** Returns the picture with other, coloured pixels, and the mark in its metadata that says so. */
export function withColors(picture: Picture, pixels: Samples, model: string): Picture {
  return { ...picture, page: { ...picture.page, pixels, channels: 3 }, metadata: markColors(picture, model) };
}

/** Returns a picture's metadata with the mark that says that its colours are a network's. */
export function markColors({ metadata }: Picture, model: string): Metadata {
  return { ...metadata, xmp: addProvenance(metadata.xmp, `photochrom (${model})`, `photochrom ${VERSION}`) };
}

/** The coarsest JPEG that is written: the source's own quality otherwise. */
const [LEAST_QUALITY, DEFAULT_QUALITY] = [75, 95];

/** Returns the format a picture is written in: its own where metadata go with it, else PNG. */
export function outputFormat(picture: Picture): "JPEG" | "PNG" {
  return picture.format === "JPEG" && !picture.page.alpha ? "JPEG" : "PNG";
}

/** Writes a coloured picture as the bytes of a file, with all its metadata. */
export function writePicture(
  picture: Picture,
  codec: Codec,
  format: "JPEG" | "PNG" = outputFormat(picture),
): Promise<Uint8Array> {
  return writeRows(picture, pageRows(picture.page), codec, format);
}

/** Does the same with colours that are computed as they are written; `picture` has its other facts. */
export async function writeRows(
  { page, metadata }: Picture,
  read: ReadRows,
  codec: Codec,
  format: "JPEG" | "PNG",
): Promise<Uint8Array> {
  const icc = page.space.outputIcc;
  if (format === "PNG") return insertPng(encodePng(page, read), metadata, icc);
  const quality = Math.min(Math.max(Math.ceil(metadata.jpegQuality ?? DEFAULT_QUALITY), LEAST_QUALITY), 100);
  const bytes: ReadRows<Uint8Array> = (top, count) => toBytes(read(top, count));
  return insertJpeg(await codec.encodeJpeg(bytes, page.height, page.width, quality), metadata, icc);
}
