/** Bytes: joined, compared and read as text. */

export const latin1 = (bytes: Uint8Array, start = 0, end = bytes.length): string => {
  let text = "";
  for (let i = start; i < Math.min(end, bytes.length); i++) text += String.fromCharCode(bytes[i]);
  return text;
};

export const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

export function concat(...parts: Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export const startsWith = (bytes: Uint8Array, start: string): boolean =>
  latin1(bytes, 0, start.length) === start && bytes.length >= start.length;

export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Returns the bytes of whole numbers, the highest byte first. */
export const bigEndian = (value: number, size: 2 | 4): Uint8Array =>
  Uint8Array.from({ length: size }, (_, i) => (value >>> (8 * (size - 1 - i))) & 255);
