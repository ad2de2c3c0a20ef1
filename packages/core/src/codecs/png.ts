/** PNG, read and written in TypeScript alike everywhere: 1 to 16 bits, alpha as it stands. */
import { convertIndexedToRgb, decode, encode } from "fast-png";
import { makePage, type Page, type Samples } from "../image/page.js";

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

/** Encodes RGB samples, with alpha where the page has some, without metadata. */
export function encodePng(page: Page): Uint8Array {
  const { pixels, alpha, height, width, channels } = page;
  const deep = pixels instanceof Uint16Array;
  const total = channels + (alpha ? 1 : 0);
  let data = pixels;
  if (alpha) {
    data = deep ? new Uint16Array(height * width * total) : new Uint8Array(height * width * total);
    for (let i = 0; i < height * width; i++) {
      for (let c = 0; c < channels; c++) data[i * total + c] = pixels[i * channels + c];
      data[i * total + channels] = alpha[i];
    }
  }
  return encode({ width, height, data, channels: total, depth: deep ? 16 : 8 }, { zlib: { level: 6 } });
}
