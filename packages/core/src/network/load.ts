/** Loads a network's file, with progress. */
import { PhotochromError } from "../errors.js";

/** Bytes loaded, and of how many where that is known. */
export type Progress = (loaded: number, total: number | undefined) => void;

/** Returns the bytes of a network's file: given as they are, or got from an address. */
export async function loadNetwork(source: string | URL | Uint8Array, onProgress?: Progress): Promise<Uint8Array> {
  if (source instanceof Uint8Array) return source;
  const address = new URL(source, globalThis.location?.href);
  if (address.protocol === "file:" && typeof process === "object") {
    const { readFile } = await import("node:fs/promises");
    return readFile(address);
  }
  let answer: Response;
  try {
    answer = await fetch(address);
  } catch (error) {
    throw new PhotochromError("network.unreachable", { reason: "there is no answer" }, { cause: error });
  }
  if (!answer.ok || !answer.body) {
    throw new PhotochromError("network.unreachable", { reason: `the answer is ${answer.status}` });
  }
  // a packed answer says how long it is packed, which is not what comes out
  const packed = answer.headers.get("content-encoding");
  const total = packed ? undefined : Number(answer.headers.get("content-length")) || undefined;
  const parts: Uint8Array[] = [];
  let loaded = 0;
  const reader = answer.body.getReader();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      parts.push(part.value);
      loaded += part.value.length;
      onProgress?.(loaded, total);
    }
  } catch (error) {
    throw new PhotochromError("network.unreachable", { reason: "it broke off" }, { cause: error });
  }
  const out = new Uint8Array(loaded);
  parts.reduce((at, part) => (out.set(part, at), at + part.length), 0);
  return out;
}
