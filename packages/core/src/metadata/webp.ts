/** The metadata chunks of WebP files (RIFF; RFC 9649), taken out of them and left out of what is decoded. */
import { bytesOf, concat, latin1, viewOf } from "./bytes.js";
import { withoutMarker } from "./exif.js";
import type { Metadata } from "./types.js";

/** Where the chunks begin: after RIFF, the size, and WEBP. */
const START = 12;
/** What a chunk of metadata is called, and its flag in the extended header, which other chunks have too. */
const FLAGS: Record<string, number> = { ICCP: 0x20, EXIF: 0x08, "XMP ": 0x04 };
const HEADER = "VP8X";

interface Chunk {
  kind: string;
  data: Uint8Array;
  /** With its name, size and the byte that makes it even. */
  whole: Uint8Array;
}

/** Yields the chunks; stops at the end or where the file is cut. */
function* iterateChunks(file: Uint8Array): Generator<Chunk> {
  const view = viewOf(file);
  const last = Math.min(file.length, 8 + view.getUint32(4, true));
  let at = START;
  while (at + 8 <= last) {
    const size = view.getUint32(at + 4, true);
    const end = at + 8 + size;
    if (end > last) return;
    const next = Math.min(end + (size % 2), last);
    yield { kind: latin1(file, at, at + 4), data: file.subarray(at + 8, end), whole: file.subarray(at, next) };
    at = next;
  }
}

/** Returns height and width where the file says them ahead of its pixels; undefined where it does not. */
export function readCanvasSize(file: Uint8Array): { height: number; width: number } | undefined {
  const { value: first } = iterateChunks(file).next();
  if (first?.kind !== HEADER || first.data.length < 10) return undefined;
  const view = viewOf(first.data);
  // 24 bits each, less one
  return { width: 1 + (view.getUint32(4, true) & 0xffffff), height: 1 + (view.getUint32(6, true) >>> 8) };
}

/** Reads everything a WebP carries besides its pixels. */
export function gatherWebp(file: Uint8Array): Metadata {
  const metadata: Metadata = { comments: [], pngChunks: [] };
  for (const { kind, data } of iterateChunks(file)) {
    if (kind === "ICCP") metadata.icc ??= data.slice();
    else if (kind === "XMP ") metadata.xmp ??= data.slice();
    else if (kind === "EXIF") metadata.exif ??= withoutMarker(data).slice();
  }
  return metadata;
}

/** Returns a WebP of its pixels alone, so that no decoder turns them or changes their colours; with its profile if said. */
export function keepPixelData(file: Uint8Array, withProfile = false): Uint8Array {
  const dropped = Object.keys(FLAGS).filter((kind) => !withProfile || kind !== "ICCP");
  const kept: Uint8Array[] = [];
  for (const { kind, whole } of iterateChunks(file)) {
    if (dropped.includes(kind)) continue;
    const chunk = kind === HEADER ? whole.slice() : whole;
    if (kind === HEADER) for (const name of dropped) chunk[8] &= ~FLAGS[name];
    kept.push(chunk);
  }
  const body = concat(bytesOf("WEBP"), ...kept);
  const size = new Uint8Array(4);
  viewOf(size).setUint32(0, body.length, true);
  return concat(bytesOf("RIFF"), size, body);
}
