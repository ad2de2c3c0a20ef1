/** The metadata chunks of PNG files, taken out and put in without touching the pixels. */
import { unzlibSync, zlibSync } from "fflate";
import { bigEndian, bytesOf, concat, latin1, startsWith, viewOf } from "./bytes.js";
import { readOrientation, withoutMarker } from "./exif.js";
import { densityIn, type Metadata } from "./types.js";

const XMP_KEYWORD = "XML:com.adobe.xmp";
const XMP_START = "http://ns.adobe.com/xap/1.0/\0";
const RAW = "Raw profile type ";
const TEXTS = ["tEXt", "zTXt", "iTXt"];
/** Chunks that say how pixels are decoded or turned, which is done here. */
const PIXEL_CHUNKS = ["IHDR", "PLTE", "tRNS", "IDAT", "IEND"];
/** Texts that ImageMagick makes of EXIF, and that no longer hold for a picture that was turned. */
const PLACEMENT = /^(exif|tiff):(Orientation|ImageWidth|ImageLength|(Exif)?Pixel[XY]Dimension|ExifImage(Width|Length))\0/i;

export interface Chunk {
  kind: string;
  data: Uint8Array;
  start: number;
  end: number;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value >>> 0;
});

function checksum(bytes: Uint8Array): number {
  let value = 0xffffffff;
  for (const byte of bytes) value = CRC_TABLE[(value ^ byte) & 255] ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}

/** Yields the chunks; stops at the end or where the file is cut. */
export function* iterateChunks(file: Uint8Array): Generator<Chunk> {
  const view = viewOf(file);
  let at = 8;
  while (at + 12 <= file.length) {
    const size = view.getUint32(at);
    const end = at + 12 + size;
    if (end > file.length) return;
    yield { kind: latin1(file, at + 4, at + 8), data: file.subarray(at + 8, end - 4), start: at, end };
    at = end;
  }
}

const isSound = (file: Uint8Array, { start, end }: Chunk): boolean =>
  checksum(file.subarray(start + 4, end - 4)) === viewOf(file).getUint32(end - 4);

/** Reads everything a PNG carries besides its pixels; what is damaged of it is passed over. */
export function gatherPng(file: Uint8Array): Metadata {
  const metadata: Metadata = { comments: [], pngChunks: [] };
  let rawExif: Uint8Array | undefined;
  let rawXmp: Uint8Array | undefined;
  for (const chunk of iterateChunks(file)) {
    const { kind, data } = chunk;
    if (kind === "IDAT" || kind === "fdAT" || !isSound(file, chunk)) continue;
    if (kind === "eXIf") metadata.exif = withoutMarker(data);
    else if (kind === "iCCP") metadata.icc ??= attempt(() => unzlibSync(data.subarray(data.indexOf(0) + 2)));
    else if (kind === "pHYs" && data.length === 9) {
      const [x, y] = [viewOf(data).getUint32(0), viewOf(data).getUint32(4)];
      if (x && y) metadata.density = { x, y, unit: data[8] === 1 ? "metre" : "none" };
    } else if (kind === "iTXt" && startsWith(data, `${XMP_KEYWORD}\0`)) metadata.xmp = attempt(() => readItxt(data));
    else if (TEXTS.includes(kind) && startsWith(data, RAW)) {
      // the orientation in it must not survive beside upright pixels: it goes on as a proper chunk
      const name = latin1(data, RAW.length, data.indexOf(0)).trim().toLowerCase();
      const raw = ["exif", "app1", "xmp"].includes(name) ? attempt(() => readRawProfile(kind, data)) : undefined;
      if (raw && startsWith(raw, "Exif\0")) rawExif ??= withoutMarker(raw);
      else if (raw && name === "exif") rawExif ??= raw;
      else if (raw) rawXmp ??= startsWith(raw, XMP_START) ? raw.subarray(XMP_START.length) : raw;
      else if (!["exif", "app1", "xmp"].includes(name)) metadata.pngChunks.push({ kind, data });
    } else if (TEXTS.includes(kind) || kind === "tIME") metadata.pngChunks.push({ kind, data });
  }
  metadata.exif ??= rawExif;
  metadata.xmp ??= rawXmp;
  if (readOrientation(metadata.exif) !== 1) {
    metadata.pngChunks = metadata.pngChunks.filter(({ data }) => !PLACEMENT.test(latin1(data, 0, 64)));
  }
  return metadata;
}

function readItxt(data: Uint8Array): Uint8Array {
  const keyword = data.indexOf(0);
  const language = data.indexOf(0, keyword + 3);
  const text = data.subarray(data.indexOf(0, language + 1) + 1);
  return data[keyword + 1] ? unzlibSync(text) : text;
}

function readRawProfile(kind: string, data: Uint8Array): Uint8Array {
  const rest = data.subarray(data.indexOf(0) + 1);
  const text = kind === "iTXt" ? readItxt(data) : kind === "zTXt" ? unzlibSync(rest.subarray(1)) : rest;
  const digits = latin1(text).trim().split("\n").slice(2).join("");
  if (!/^([0-9a-f]{2})+$/i.test(digits)) throw new RangeError("a damaged profile");
  return Uint8Array.from(digits.match(/../g)!, (pair) => parseInt(pair, 16));
}

/** Returns what `read` does, undefined where the data are damaged or empty. */
function attempt(read: () => Uint8Array): Uint8Array | undefined {
  try {
    const found = read();
    return found.length ? found : undefined;
  } catch {
    return undefined;
  }
}

/** Returns the file with the chunks alone that its pixels need. */
export function keepPixelChunks(file: Uint8Array): Uint8Array {
  const parts = [file.subarray(0, 8)];
  let end = 8;
  for (const chunk of iterateChunks(file)) {
    if (PIXEL_CHUNKS.includes(chunk.kind)) parts.push(file.subarray(chunk.start, chunk.end));
    end = chunk.end;
  }
  // what is left of a chunk that is cut stays, so that the decoder says what it thinks of it
  return concat(...parts, file.subarray(end));
}

/** Returns a chunk: its length, kind, data and checksum. */
export const buildChunk = (kind: string, data: Uint8Array): Uint8Array => {
  const body = concat(bytesOf(kind), data);
  return concat(bigEndian(data.length, 4), body, bigEndian(checksum(body), 4));
};

/** Puts metadata into a PNG that has none of its own; the profile is that of its pixels. */
export function insertPng(file: Uint8Array, metadata: Metadata, icc: Uint8Array | undefined): Uint8Array {
  const parts: Uint8Array[] = [];
  if (icc) parts.push(buildChunk("iCCP", concat(bytesOf("ICC profile\0\0"), zlibSync(icc, { level: 9 }))));
  if (metadata.density) {
    const { x, y } = densityIn(metadata.density, "metre") ?? metadata.density;
    const unit = metadata.density.unit === "none" ? 0 : 1;
    parts.push(buildChunk("pHYs", concat(bigEndian(Math.round(x), 4), bigEndian(Math.round(y), 4), Uint8Array.of(unit))));
  }
  if (metadata.exif) parts.push(buildChunk("eXIf", metadata.exif));
  if (metadata.xmp) parts.push(buildChunk("iTXt", concat(bytesOf(`${XMP_KEYWORD}\0\0\0\0\0`), metadata.xmp)));
  for (const { kind, data } of metadata.pngChunks) parts.push(buildChunk(kind, data));
  // the signature and the header chunk
  const at = 8 + 25;
  const rest: Uint8Array[] = [];
  for (const chunk of iterateChunks(file)) {
    if (chunk.start >= at && PIXEL_CHUNKS.includes(chunk.kind)) rest.push(file.subarray(chunk.start, chunk.end));
  }
  return concat(file.subarray(0, at), ...parts, ...rest);
}

/** What the chunks say of how values relate to light. */
export interface PngFacts {
  /** The exponent that makes light of values; undefined where they are sRGB or have a profile. */
  gamma?: number | undefined;
  hdr: boolean;
}

/** Gamma of the files whose values are taken for sRGB, and what libpng thinks equal to it. */
const [SRGB_GAMMA, GAMMA_TOLERANCE] = [0.45455, 0.05];
/** Transfer characteristics (ITU-T H.273) that are a plain power of light, and those of HDR. */
const GAMMAS: Record<number, number> = { 4: 1 / 2.2, 5: 1 / 2.8, 8: 1 };
const HDR = [16, 18];

/** Reads what the chunks say of light: cICP outranks iCCP, that sRGB, and that gAMA (PNG, third edition). */
export function readPngFacts(file: Uint8Array): PngFacts {
  let [gamma, transfer]: (number | undefined)[] = [];
  let plain = true;
  for (const chunk of iterateChunks(file)) {
    const { kind, data } = chunk;
    if (kind === "IDAT") break;
    if (!["gAMA", "cICP", "iCCP", "sRGB"].includes(kind) || !isSound(file, chunk)) continue;
    if (kind === "gAMA" && data.length === 4) gamma = viewOf(data).getUint32(0) / 100000 || undefined;
    else if (kind === "cICP" && data.length === 4) transfer = data[1];
    else plain = false;
  }
  const hdr = transfer !== undefined && HDR.includes(transfer);
  if (transfer !== undefined) gamma = GAMMAS[transfer];
  else if (!plain) gamma = undefined;
  if (gamma === undefined || Math.abs(gamma / SRGB_GAMMA - 1) <= GAMMA_TOLERANCE) return { hdr };
  return { gamma: 1 / gamma, hdr };
}
