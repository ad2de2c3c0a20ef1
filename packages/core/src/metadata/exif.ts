/**
 * EXIF blocks: the orientation read, and the block made that of an upright picture, without its gray thumbnail.
 *
 * Changes are made in place, so that maker notes, whose inner offsets count from the block's start, stay valid.
 */
import { latin1, startsWith, viewOf } from "./bytes.js";

const ORIENTATION = 274;
const EXIF_IFD = 34665;
const [X_RESOLUTION, Y_RESOLUTION] = [282, 283];
const WIDTHS = [256, 0xa002];
const HEIGHTS = [257, 0xa003];
const SIZES: Record<number, number> = { 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4 };

/** Returns a block without the marker that JPEG has ahead of it, and that some programs write into other formats too. */
export const withoutMarker = (exif: Uint8Array): Uint8Array => (startsWith(exif, "Exif\0\0") ? exif.subarray(6) : exif);

interface Tag {
  type: number;
  count: number;
  /** Where its value lies in the block. */
  where: number;
  size: number;
}

interface Directory {
  tags: Map<number, Tag>;
  /** Where the pointer to the next directory stands, and what it says. */
  pointer: number;
  next: number;
}

class Block {
  readonly data: DataView;
  readonly little: boolean;
  readonly first: number;

  constructor(readonly bytes: Uint8Array) {
    this.data = viewOf(bytes);
    this.little = latin1(bytes, 0, 2) === "II";
    if (!this.little && latin1(bytes, 0, 2) !== "MM") throw new RangeError("no TIFF header");
    if (this.data.getUint16(2, this.little) !== 42) throw new RangeError("no TIFF header");
    this.first = this.data.getUint32(4, this.little);
  }

  directory(offset: number): Directory {
    const count = this.data.getUint16(offset, this.little);
    const tags = new Map<number, Tag>();
    for (let i = 0; i < count; i++) {
      const at = offset + 2 + 12 * i;
      const type = this.data.getUint16(at + 2, this.little);
      const number = this.data.getUint32(at + 4, this.little);
      const size = (SIZES[type] ?? 0) * number;
      const where = size <= 4 ? at + 8 : this.data.getUint32(at + 8, this.little);
      if (size && where + size <= this.bytes.length) {
        tags.set(this.data.getUint16(at, this.little), { type, count: number, where, size });
      }
    }
    const pointer = offset + 2 + 12 * count;
    return { tags, pointer, next: pointer + 4 <= this.bytes.length ? this.data.getUint32(pointer, this.little) : 0 };
  }

  number(tag: Tag | undefined): number {
    if (!tag || (tag.type !== 3 && tag.type !== 4)) return Number.NaN;
    return tag.type === 3 ? this.data.getUint16(tag.where, this.little) : this.data.getUint32(tag.where, this.little);
  }
}

/** Returns the orientation 1..8 that a block names; 1 when it names none. */
export function readOrientation(exif: Uint8Array | undefined): number {
  if (!exif) return 1;
  return attempt(() => {
    const block = new Block(exif);
    const value = block.number(block.directory(block.first).tags.get(ORIENTATION));
    return value >= 1 && value <= 8 ? value : 1;
  }, 1);
}

/** Returns a block for the upright picture of this size: orientation 1, sizes coherent, no thumbnail. */
export function makeBlockUpright(exif: Uint8Array, width: number, height: number): Uint8Array {
  return attempt(() => {
    const sideways = readOrientation(exif) >= 5;
    const block = new Block(exif.slice());
    const main = block.directory(block.first);
    const below = main.tags.get(EXIF_IFD);
    const directories = [main, ...(below ? [attempt(() => block.directory(block.number(below)), undefined)] : [])];
    for (const directory of directories) {
      if (!directory) continue;
      put(block, directory.tags.get(ORIENTATION), 1);
      for (const code of WIDTHS) put(block, directory.tags.get(code), width);
      for (const code of HEIGHTS) put(block, directory.tags.get(code), height);
      if (sideways) swap(block, directory.tags.get(X_RESOLUTION), directory.tags.get(Y_RESOLUTION));
    }
    return withoutThumbnail(block, main);
  }, exif);
}

function put(block: Block, tag: Tag | undefined, value: number): void {
  if (!tag || tag.count !== 1) return;
  if (tag.type === 3 && value < 1 << 16) block.data.setUint16(tag.where, value, block.little);
  if (tag.type === 4) block.data.setUint32(tag.where, value, block.little);
}

function swap(block: Block, one: Tag | undefined, other: Tag | undefined): void {
  if (!one || !other || one.size !== other.size) return;
  const kept = block.bytes.slice(one.where, one.where + one.size);
  block.bytes.copyWithin(one.where, other.where, other.where + other.size);
  block.bytes.set(kept, other.where);
}

function withoutThumbnail(block: Block, main: Directory): Uint8Array {
  const { bytes } = block;
  if (!main.next) return bytes;
  block.data.setUint32(main.pointer, 0, block.little);
  const tags = attempt(() => block.directory(main.next).tags, undefined);
  const [start, length] = [513, 514].map((code) => block.number(tags?.get(code)));
  if (!(start >= 8 && start < bytes.length && length >= 0)) return bytes;
  if (start + length >= bytes.length && start > block.first) return bytes.slice(0, start);
  bytes.fill(0, start, start + length);
  return bytes;
}

/** Returns what `read` does, or something else where the block is damaged. */
function attempt<T, U>(read: () => T, otherwise: U): T | U {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) return otherwise;
    throw error;
  }
}
