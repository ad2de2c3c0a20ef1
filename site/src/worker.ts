/** Does all the work, so that the page stays quick: reads photos, asks the network, writes files. */
import { Colorizer, PhotochromError, toRgba, type Coloring, type Picture } from "@photochrom/core";
import { openNetwork } from "./network";
import { makePreview } from "./preview";
import type { Call, Calls, Preview, Question, Reply, Settings } from "./protocol";

/** Photos kept decoded: the one that is looked at, and the one before. */
const KEPT = 2;

let opening: Promise<Colorizer> | undefined;
let base = "";
const pictures = new Map<number, { picture: Picture; small: Picture }>();
let last: { key: string; coloring: Coloring } | undefined;

const tell = (reply: Reply, transfer: Transferable[] = []): void =>
  (self as unknown as Worker).postMessage(reply, transfer);

function open(): Promise<Colorizer> {
  opening ??= openNetwork(base, (stage, share) => tell({ progress: { stage, share } })).catch((error: unknown) => {
    // the next question tries again
    opening = undefined;
    throw error;
  });
  return opening;
}

async function read(id: number, file: Blob): Promise<{ picture: Picture; small: Picture }> {
  const known = pictures.get(id);
  if (known) return known;
  const picture = await Colorizer.read(file);
  const entry = { picture, small: makePreview(picture) };
  pictures.set(id, entry);
  for (const old of [...pictures.keys()].slice(0, -KEPT)) pictures.delete(old);
  return entry;
}

/** Asks the network, unless it has just been asked the same: strength needs no new answer. */
async function predict(id: number, file: Blob, { vividness, hints, palette, variation }: Settings): Promise<Coloring> {
  const options = { vividness, hints, palette, ...(variation ? { variation } : {}) };
  const key = JSON.stringify([id, options]);
  if (last?.key === key) return last.coloring;
  const [{ picture }, colorizer] = await Promise.all([read(id, file), open()]);
  const coloring = await colorizer.predict(picture, options as object);
  last = { key, coloring };
  return coloring;
}

const show = ({ page }: Picture): Preview => ({ rgba: toRgba(page), height: page.height, width: page.width });

const answers: { [C in Call]: (ask: Calls[C]["ask"]) => Promise<Calls[C]["answer"]> } = {
  async start(ask) {
    base = ask.base;
    const colorizer = await open();
    return { name: colorizer.card.name, sha256: colorizer.card.sha256, device: colorizer.device };
  },
  async read({ id, file }) {
    const { picture, small } = await read(id, file);
    const { height, width } = picture.page;
    return { height, width, format: picture.format, preview: show(small) };
  },
  async color({ id, file, settings }) {
    const coloring = await predict(id, file, settings);
    const { small } = await read(id, file);
    const result = coloring.apply(settings.strength, small);
    return { preview: show(result.picture), confidence: result.confidence };
  },
  async suggest({ id, file, settings, x, y }) {
    const [{ picture }, colorizer] = await Promise.all([read(id, file), open()]);
    return colorizer.suggest(picture, x, y, 5, { hints: settings.hints ?? [], palette: settings.palette ?? [] });
  },
  async variations({ id, file, settings, count }) {
    const [{ picture, small }, colorizer] = await Promise.all([read(id, file), open()]);
    const { vividness, hints, palette, strength } = settings;
    const found = await colorizer.variations(picture, count, { ...(vividness === undefined ? {} : { vividness }), hints: hints ?? [], palette: palette ?? [] });
    const tiny = makePreview(small, 240);
    return found.map((coloring) => show(coloring.apply(strength, tiny).picture));
  },
  async save({ id, file, settings }) {
    const coloring = await predict(id, file, settings);
    return coloring.toBlob(settings.strength);
  },
};

let queue: Promise<void> = Promise.resolve();

self.addEventListener("message", ({ data }: MessageEvent<Question>) => {
  // one after the other: the network answers one question at a time
  queue = queue.then(() => handle(data));
});

async function handle({ number, call, ask }: Question): Promise<void> {
  try {
    const answer = await (answers[call] as (ask: unknown) => Promise<unknown>)(ask);
    tell({ number, answer }, buffersOf(answer));
  } catch (error) {
    tell({ number, error: describe(error) });
  }
}

function describe(error: unknown): { code: string; message: string; details: Record<string, unknown> } {
  if (error instanceof PhotochromError) {
    return { code: error.code, message: error.message, details: { ...error.details } };
  }
  const message = error instanceof Error ? error.message : String(error);
  const memory = error instanceof RangeError || /memory|allocation/i.test(message);
  return { code: memory ? "photo.out_of_memory" : "other", message, details: {} };
}

function buffersOf(answer: unknown): Transferable[] {
  const found: Transferable[] = [];
  const look = (value: unknown): void => {
    if (value instanceof Uint8ClampedArray) found.push(value.buffer as ArrayBuffer);
    else if (Array.isArray(value)) value.forEach(look);
    else if (value && typeof value === "object" && !(value instanceof Blob)) Object.values(value).forEach(look);
  };
  look(answer);
  return found;
}
