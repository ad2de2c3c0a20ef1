/** PNG, read and written in TypeScript, alike everywhere: 1 to 16 bits, alpha as it stands. */
import { convertIndexedToRgb, decode } from "fast-png";
import { Zlib } from "fflate";
import { makePage, type Page, type Samples } from "../image/page.js";
import { iterateStrips, type ReadRows } from "../image/rows.js";
import { bigEndian, bytesOf, concat } from "../metadata/bytes.js";
import { buildChunk } from "../metadata/png.js";

/** Decodes a PNG's pixels, not turned. */
export function decodePng(file: Uint8Array): Page {
  const found = decode(file, { checkCrc: true });
  const { height, width } = found;
  if (found.palette) {
    const channels = found.palette[0].length;
    const samples = Uint8Array.from(convertIndexedToRgb(found));
    return split(samples, channels, height, width);
  }
  const unpacked = found.depth < 8 ? unpack(found.data as Uint8Array, found.depth, height, width) : found.data;
  const samples = unpacked instanceof Uint16Array ? unpacked : Uint8Array.from(unpacked);
  const page = split(samples, found.channels, height, width);
  if (found.transparency && !page.alpha) {
    page.alpha = alphaFromKey(page, found.depth < 8 ? scaleKey(found.transparency, found.depth) : found.transparency);
  }
  return page;
}

/** Takes the alpha of interleaved samples apart. */
function split(samples: Samples, channels: number, height: number, width: number): Page {
  if (channels === 1 || channels === 3) return makePage(samples, height, width);
  const count = height * width;
  const colors = channels - 1;
  const like = samples.constructor as { new (size: number): Samples };
  const [pixels, alpha] = [new like(count * colors), new like(count)];
  for (let i = 0; i < count; i++) {
    for (let c = 0; c < colors; c++) pixels[i * colors + c] = samples[i * channels + c];
    alpha[i] = samples[i * channels + colors];
  }
  return { ...makePage(pixels, height, width), alpha };
}

/** Returns samples of 1, 2 or 4 bits as bytes 0..255. */
function unpack(data: Uint8Array, depth: number, height: number, width: number): Uint8Array {
  const out = new Uint8Array(height * width);
  const stride = Math.ceil((width * depth) / 8);
  const top = (1 << depth) - 1;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const bit = x * depth;
      const value = (data[y * stride + (bit >> 3)] >> (8 - depth - (bit & 7))) & top;
      out[y * width + x] = (value * 255) / top;
    }
  }
  return out;
}

function scaleKey(key: ArrayLike<number>, depth: number): number[] {
  // upper bits that pixels do not have are passed over
  const top = (1 << depth) - 1;
  return Array.from(key, (value) => ((value & top) * 255) / top);
}

function alphaFromKey(page: Page, key: ArrayLike<number>): Samples {
  const { pixels, channels } = page;
  const deep = pixels instanceof Uint16Array;
  const count = page.height * page.width;
  const alpha = deep ? new Uint16Array(count).fill(65535) : new Uint8Array(count).fill(255);
  for (let i = 0; i < count; i++) {
    let same = true;
    for (let c = 0; c < channels; c++) same &&= pixels[i * channels + c] === key[c];
    if (same) alpha[i] = 0;
  }
  return alpha;
}

/** Filters of a row (PNG, third edition, 9.2) that are tried. */
const [SUB, UP] = [1, 2];

/**
 * Encodes RGB rows, with the alpha of their page where it has some, without metadata.
 *
 * Written here and not by fast-png, which wants all of a picture at once, and does not filter.
 */
export function encodePng({ alpha, pixels, height, width }: Page, read: ReadRows): Uint8Array {
  const bytes = pixels instanceof Uint16Array ? 2 : 1;
  const channels = alpha ? 4 : 3;
  const parts: Uint8Array[] = [];
  const zlib = new Zlib({ level: 6 }, (part) => parts.push(part));
  const rowSize = channels * bytes * width;
  let [above, row] = [new Uint8Array(rowSize), new Uint8Array(rowSize)];
  for (const [top, count] of iterateStrips(height)) {
    const colors = read(top, count);
    const filtered = new Uint8Array(count * (rowSize + 1));
    for (let y = 0; y < count; y++) {
      fillRow(row, colors, 3 * y * width, alpha?.subarray((top + y) * width), bytes);
      filterRow(row, above, channels * bytes, filtered.subarray(y * (rowSize + 1), (y + 1) * (rowSize + 1)));
      [above, row] = [row, above];
    }
    zlib.push(filtered, top + count === height);
  }
  const header = concat(bigEndian(width, 4), bigEndian(height, 4), Uint8Array.of(8 * bytes, alpha ? 6 : 2, 0, 0, 0));
  const chunks = parts.filter((part) => part.length).map((part) => buildChunk("IDAT", part));
  return concat(bytesOf("\x89PNG\r\n\x1a\n"), buildChunk("IHDR", header), ...chunks, buildChunk("IEND", new Uint8Array(0)));
}

/** Lays a row out as the file has it: alpha between the colours, the higher byte first. */
function fillRow(row: Uint8Array, colors: Samples, from: number, alpha: Samples | undefined, bytes: number): void {
  let to = 0;
  const put = (value: number): void => {
    if (bytes === 2) row[to++] = value >> 8;
    row[to++] = value;
  };
  for (let x = 0; to < row.length; x++, from += 3) {
    put(colors[from]);
    put(colors[from + 1]);
    put(colors[from + 2]);
    if (alpha) put(alpha[x]);
  }
}

/** Writes the filter's number and the filtered row: of two filters the one with the smaller differences. */
function filterRow(row: Uint8Array, above: Uint8Array, step: number, out: Uint8Array): void {
  let [sub, up] = [0, 0];
  for (let i = 0; i < row.length; i++) {
    sub += Math.abs(((row[i] - (i < step ? 0 : row[i - step])) << 24) >> 24);
    up += Math.abs(((row[i] - above[i]) << 24) >> 24);
  }
  out[0] = sub < up ? SUB : UP;
  for (let i = 0; i < row.length; i++) out[i + 1] = row[i] - (sub < up ? (i < step ? 0 : row[i - step]) : above[i]);
}
