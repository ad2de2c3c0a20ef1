/** Gets the network and what runs it, once; afterwards both are kept in this browser. */
import { Colorizer, PhotochromError, hasWasm, loadNetwork } from "@photochrom/core";

/** The service worker looks here too. */
const CACHE = "photochrom-network";

/** The version of onnxruntime-web, which its file's name carries. */
declare const RUNTIME: string;

type Report = (stage: "loading" | "preparing", share: number | undefined) => void;

/** Opens the network that lies beside the page. */
export async function openNetwork(base: string, report: Report): Promise<Colorizer> {
  if (!hasWasm()) throw new PhotochromError("system.no_wasm");
  const cache = await openCache();
  const index = new URL("network/network.json", base);
  const { file, size } = await readIndex(index, cache);
  const addresses = [new URL(file, index), new URL(`runtime/ort-${RUNTIME}.wasm.gz.bin`, base)];
  const [network, wasm] = addresses;
  const runtime = fetchPacked(wasm, cache);
  // it is waited for below; a failure before must not be an unhandled one
  runtime.catch(() => undefined);
  const bytes = await fetchPacked(network, cache, (loaded) => report("loading", Math.min(loaded / size, 1)));
  report("preparing", undefined);
  const wasmBinary = (await runtime).buffer as ArrayBuffer;
  await forgetOthers(cache, [index, ...addresses]);
  const wasmPaths = { mjs: new URL("runtime/ort.mjs", base).href };
  return Colorizer.open({ network: bytes, wasmPaths, wasmBinary });
}

/** Says which network there is; without a connection, which there was. */
async function readIndex(index: URL, cache: Cache | undefined): Promise<{ file: string; size: number }> {
  try {
    const listed = await get(index);
    await cache?.put(index, listed.clone());
    return (await listed.json()) as { file: string; size: number };
  } catch (error) {
    const kept = await cache?.match(index);
    if (!kept) throw error;
    return (await kept.json()) as { file: string; size: number };
  }
}

/** Returns a packed file, unpacked: kept from another visit, or got now. Not every host packs what it sends. */
async function fetchPacked(address: URL, cache: Cache | undefined, onProgress?: (loaded: number) => void): Promise<Uint8Array> {
  const kept = await cache?.match(address);
  if (kept) return unpack(kept);
  const packed = await loadNetwork(address, onProgress);
  const answer = (): Response => new Response(packed as BodyInit, { headers: { "Content-Type": "application/octet-stream" } });
  const bytes = await unpack(answer());
  // without room for it the page still works, and loads it again the next time
  await cache?.put(address, answer()).catch(() => undefined);
  return bytes;
}

async function unpack(packed: Response): Promise<Uint8Array> {
  try {
    const stream = packed.body!.pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  } catch (error) {
    throw new PhotochromError("network.damaged", { reason: "it cannot be unpacked" }, { cause: error });
  }
}

async function forgetOthers(cache: Cache | undefined, kept: URL[]): Promise<void> {
  const names = kept.map(({ href }) => href);
  for (const { url } of (await cache?.keys()) ?? []) if (!names.includes(url)) await cache?.delete(url);
}

/** Cache Storage is there on https and localhost alone. */
const openCache = async (): Promise<Cache | undefined> => {
  try {
    return await globalThis.caches?.open(CACHE);
  } catch {
    return undefined;
  }
};

async function get(address: URL): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(address);
  } catch (error) {
    throw new PhotochromError("network.unreachable", { reason: "there is no answer" }, { cause: error });
  }
  if (!answer.ok) throw new PhotochromError("network.unreachable", { reason: `the answer is ${answer.status}` });
  return answer;
}
