/** The metadata segments of JPEG files, taken out and put in without touching the pixels (ITU-T T.81, annex B). */
import { bigEndian, bytesOf, concat, latin1, startsWith, viewOf } from "./bytes.js";
import { md5 } from "./md5.js";
import { densityIn, type Density, type Metadata } from "./types.js";
import { joinPackets, pointToExtended, splitPacket } from "./xmp.js";

const [APP0, APP1, APP2, APP13, COMMENT] = [0xe0, 0xe1, 0xe2, 0xed, 0xfe];
const [TABLES, SCAN, END] = [0xdb, 0xda, 0xd9];
const EXIF_START = "Exif\0\0";
const XMP_START = "http://ns.adobe.com/xap/1.0/\0";
const EXTENSION_START = "http://ns.adobe.com/xmp/extension/\0";
const ICC_START = "ICC_PROFILE\0";
const PHOTOSHOP_START = "Photoshop 3.0\0";
/** The most that fits into one segment. */
const SEGMENT = 65533;
/** Photoshop resources that hold a gray thumbnail. */
const THUMBNAILS = [0x0409, 0x040c];
const UNITS: Density["unit"][] = ["none", "inch", "cm"];
/** The sum of libjpeg's luma table at quality 50. */
const LUMA_SUM = 3685;

export interface Segment {
  marker: number;
  payload: Uint8Array;
  start: number;
  end: number;
}

/** Yields the segments before the first scan. */
export function* iterateSegments(file: Uint8Array): Generator<Segment> {
  let at = 2;
  while (at + 4 <= file.length && file[at] === 0xff) {
    const start = at;
    while (file[at + 1] === 0xff) at++;
    const marker = file[at + 1];
    if (marker === SCAN || marker === END) return;
    if (marker === 1 || (marker >= 0xd0 && marker <= 0xd8)) {
      at += 2;
      continue;
    }
    const size = (file[at + 2] << 8) | file[at + 3];
    const end = at + 2 + size;
    if (size < 2 || end > file.length) return;
    yield { marker, payload: file.subarray(at + 4, end), start, end };
    at = end;
  }
}

/** What the frame header says. */
export interface Frame {
  marker: number;
  bits: number;
  height: number;
  width: number;
  components: number;
}

/** Returns the frame header; undefined where there is none before the first scan. */
export function readFrame(file: Uint8Array): Frame | undefined {
  for (const { marker, payload } of iterateSegments(file)) {
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (!isFrame || payload.length < 6) continue;
    const data = viewOf(payload);
    return {
      marker,
      bits: payload[0],
      height: data.getUint16(1),
      width: data.getUint16(3),
      components: payload[5],
    };
  }
  return undefined;
}

/** Reads everything a JPEG carries besides its pixels. */
export function gatherJpeg(file: Uint8Array): Metadata {
  const metadata: Metadata = { comments: [], pngChunks: [] };
  const exif: Uint8Array[] = [];
  const photoshop: Uint8Array[] = [];
  const profile = new Map<number, Uint8Array>();
  const extensions = new Map<string, { at: number; part: Uint8Array }[]>();
  for (const { marker, payload } of iterateSegments(file)) {
    if (marker === APP0) metadata.density ??= readDensity(payload);
    else if (marker === APP1 && startsWith(payload, "Exif\0")) exif.push(payload.subarray(6));
    else if (marker === APP1 && startsWith(payload, XMP_START)) metadata.xmp ??= payload.subarray(XMP_START.length);
    else if (marker === APP1 && startsWith(payload, EXTENSION_START)) {
      const rest = payload.subarray(EXTENSION_START.length);
      const guid = latin1(rest, 0, 32);
      extensions.set(guid, [...(extensions.get(guid) ?? []), { at: viewOf(rest).getUint32(36), part: rest.subarray(40) }]);
    } else if (marker === APP2 && startsWith(payload, ICC_START)) profile.set(payload[12], payload.subarray(14));
    else if (marker === APP13 && startsWith(payload, PHOTOSHOP_START)) photoshop.push(payload.subarray(14));
    else if (marker === COMMENT && payload.length) metadata.comments.push(payload);
    else if (marker === TABLES) metadata.jpegQuality ??= estimateQuality(payload);
  }
  for (const [guid, parts] of extensions) {
    if (!metadata.xmp || !latin1(metadata.xmp).includes(guid)) continue;
    const whole = concat(...parts.sort((one, other) => one.at - other.at).map(({ part }) => part));
    metadata.xmp = joinPackets(metadata.xmp, whole);
  }
  if (exif.length) metadata.exif = concat(...exif);
  if (photoshop.length) metadata.photoshop = removeThumbnails(concat(...photoshop));
  if (profile.size) metadata.icc = concat(...[...profile].sort(([one], [other]) => one - other).map(([, part]) => part));
  return metadata;
}

function readDensity(payload: Uint8Array): Density | undefined {
  if (payload.length < 12 || !startsWith(payload, "JFIF\0")) return undefined;
  const data = viewOf(payload);
  const [unit, x, y] = [UNITS[payload[7]], data.getUint16(8), data.getUint16(10)];
  return unit && x && y ? { x, y, unit } : undefined;
}

/** Returns the quality that libjpeg's luma table of about this size has. */
function estimateQuality(payload: Uint8Array): number | undefined {
  const wide = payload[0] >> 4;
  if ((payload[0] & 15) !== 0 || payload.length < 1 + 64 * (wide + 1)) return undefined;
  let sum = 0;
  for (let i = 0; i < 64; i++) sum += wide ? (payload[1 + 2 * i] << 8) | payload[2 + 2 * i] : payload[1 + i];
  const scale = (100 * sum) / LUMA_SUM;
  return scale <= 100 ? (200 - scale) / 2 : 5000 / scale;
}

function removeThumbnails(block: Uint8Array): Uint8Array | undefined {
  const kept: Uint8Array[] = [];
  let at = 0;
  while (at + 7 <= block.length && latin1(block, at, at + 4) === "8BIM") {
    const name = 1 + block[at + 6];
    const sizeAt = at + 6 + name + (name % 2);
    if (sizeAt + 4 > block.length) break;
    const size = viewOf(block).getUint32(sizeAt);
    const end = sizeAt + 4 + size;
    if (end > block.length) break;
    const stop = Math.min(end + (size % 2), block.length);
    if (!THUMBNAILS.includes((block[at + 4] << 8) | block[at + 5])) kept.push(block.subarray(at, stop));
    at = stop;
  }
  return kept.length ? concat(...kept) : undefined;
}

/** Returns the file without what could change how its pixels are decoded: EXIF, further pictures, and the profile. */
export function keepPixelSegments(file: Uint8Array, withProfile = false): Uint8Array {
  const parts = [file.subarray(0, 2)];
  let rest = 2;
  for (const { marker, start, end } of iterateSegments(file)) {
    const profile = withProfile && marker === APP2 && startsWith(file.subarray(start + 4), ICC_START);
    if (profile || (marker !== APP1 && marker !== APP2 && marker !== APP13)) parts.push(file.subarray(start, end));
    rest = end;
  }
  return concat(...parts, file.subarray(rest));
}

const segment = (marker: number, ...parts: Uint8Array[]): Uint8Array => {
  const payload = concat(...parts);
  return concat(Uint8Array.of(0xff, marker), bigEndian(payload.length + 2, 2), payload);
};

/** Puts metadata into a JPEG that has none of its own; the profile is that of its pixels. */
export function insertJpeg(file: Uint8Array, metadata: Metadata, icc: Uint8Array | undefined): Uint8Array {
  const parts = [buildDensity(metadata.density)];
  const exif = metadata.exif ?? new Uint8Array();
  const step = SEGMENT - EXIF_START.length;
  // as readers of EXIF over several segments have it: each part with its own start
  for (let at = 0; at < exif.length; at += step) {
    parts.push(segment(APP1, bytesOf(EXIF_START), exif.subarray(at, at + step)));
  }
  if (metadata.xmp) parts.push(...buildXmp(metadata.xmp));
  const profile = icc ?? new Uint8Array();
  const count = Math.ceil(profile.length / 65519);
  for (let i = 0; i < count; i++) {
    const head = concat(bytesOf(ICC_START), Uint8Array.of(i + 1, count));
    parts.push(segment(APP2, head, profile.subarray(65519 * i, 65519 * (i + 1))));
  }
  const photoshop = metadata.photoshop ?? new Uint8Array();
  for (let at = 0; at < photoshop.length; at += 65000) {
    parts.push(segment(APP13, bytesOf(PHOTOSHOP_START), photoshop.subarray(at, at + 65000)));
  }
  for (const comment of metadata.comments) parts.push(segment(COMMENT, comment.subarray(0, SEGMENT)));
  const bare: Uint8Array[] = [];
  let rest = 2;
  for (const { marker, start, end } of iterateSegments(file)) {
    const own = (marker >= APP0 && marker <= 0xed) || marker === COMMENT;
    if (!own) bare.push(file.subarray(start, end));
    rest = end;
  }
  return concat(file.subarray(0, 2), ...parts, ...bare, file.subarray(rest));
}

function buildDensity(density: Density | undefined): Uint8Array {
  const known = density && UNITS.includes(density.unit) ? density : undefined;
  const inch = density && !known ? densityIn(density, "inch") : undefined;
  const unit = known ? UNITS.indexOf(known.unit) : inch ? 1 : 0;
  const { x, y } = known ?? inch ?? { x: 1, y: 1 };
  const whole = (value: number): Uint8Array => bigEndian(Math.min(Math.max(Math.round(value), 1), 65535), 2);
  return segment(APP0, bytesOf("JFIF\0"), Uint8Array.of(1, 1, unit), whole(x), whole(y), Uint8Array.of(0, 0));
}

function buildXmp(packet: Uint8Array): Uint8Array[] {
  const start = bytesOf(XMP_START);
  const { main, extended } = splitPacket(packet, SEGMENT - start.length);
  if (extended === undefined) return [segment(APP1, start, packet)];
  const more = new TextEncoder().encode(extended);
  const guid = md5(more);
  const parts = [segment(APP1, start, pointToExtended(main, guid))];
  for (let at = 0; at < more.length; at += 65000) {
    const head = concat(bytesOf(EXTENSION_START), bytesOf(guid), bigEndian(more.length, 4), bigEndian(at, 4));
    parts.push(segment(APP1, head, more.subarray(at, at + 65000)));
  }
  return parts;
}
