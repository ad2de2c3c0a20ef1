/** The card that each network's file carries: a JSON object in the metadata of its ONNX graph. */
import { PhotochromError } from "../errors.js";

/** What a network's file says about itself; more fields may be there. */
export interface ModelCard {
  name: string;
  version: string;
  description: string;
  license: string;
  /** Height and width of the network's input are multiples of this. */
  stride: number;
  /** Input pixels to one cell of the output. */
  outputStride: number;
  inputs: string[];
  outputs: string[];
  /** Short sides the network sees a picture at, pixels. */
  sizes: number[];
  /** Temperature, prior correction and, with a render head, its share at vividness 0, 1 and 2; empty for a network without a distribution. */
  vividness: number[][];
  /** Centres of the colour bins, a*b*; empty for a network without a distribution. */
  bins: [number, number][];
  sha256: string;
}

/** Where the card stands among the graph's metadata. */
const CARD_KEY = "photochrom.card";
/** `ModelProto.metadata_props`, and the key and the value of each, as onnx.proto numbers them. */
const METADATA_PROPS = 14;
const KEY = 1;
const VALUE = 2;
const BYTES = 2;

/** Reads the card of an ONNX file. Throws `network.damaged` where there is none. */
export function readCard(file: Uint8Array): ModelCard {
  const text = findMetadata(file, CARD_KEY);
  if (text === undefined) throw new PhotochromError("network.damaged", { reason: "it has no card" });
  let entries: Record<string, unknown>;
  try {
    entries = JSON.parse(text) as Record<string, unknown>;
  } catch (error) {
    throw new PhotochromError("network.damaged", { reason: "its card is not JSON" }, { cause: error });
  }
  const card = { ...entries, outputStride: entries["output_stride"] } as unknown as ModelCard;
  const lists: (keyof ModelCard)[] = ["inputs", "outputs", "sizes", "vividness", "bins"];
  const wrong = lists.filter((name) => !Array.isArray(card[name])) as string[];
  if (!(card.stride >= 1)) wrong.push("stride");
  if (!(card.outputStride >= 1)) wrong.push("output_stride");
  if (!card.sizes?.length) wrong.push("sizes");
  if (wrong.length) throw new PhotochromError("network.damaged", { reason: `its card lacks ${wrong.join(", ")}` });
  return card;
}

/** Returns a metadata entry of an ONNX file, without reading the graph. */
function findMetadata(file: Uint8Array, wanted: string): string | undefined {
  for (const { field, bytes } of iterateFields(file)) {
    if (field !== METADATA_PROPS || !bytes) continue;
    const parts = new Map<number, string>();
    for (const part of iterateFields(bytes)) if (part.bytes) parts.set(part.field, new TextDecoder().decode(part.bytes));
    if (parts.get(KEY) === wanted) return parts.get(VALUE);
  }
  return undefined;
}

/** Yields the fields of a protobuf message; ends where the message is not one. */
function* iterateFields(message: Uint8Array): Generator<{ field: number; bytes: Uint8Array | undefined }> {
  let at = 0;
  const varint = (): number => {
    let [value, scale] = [0, 1];
    while (at < message.length) {
      const byte = message[at++];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
    return Number.NaN;
  };
  while (at < message.length) {
    const tag = varint();
    const [field, kind] = [Math.floor(tag / 8), tag % 8];
    if (kind === BYTES) {
      const size = varint();
      if (!(at + size <= message.length)) return;
      yield { field, bytes: message.subarray(at, at + size) };
      at += size;
    } else if (kind === 0) {
      varint();
      yield { field, bytes: undefined };
    } else if (kind === 1 || kind === 5) {
      at += kind === 1 ? 8 : 4;
      yield { field, bytes: undefined };
    } else return;
  }
}
