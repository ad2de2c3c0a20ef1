/** Asks the worker, and gives its answers as promises. */
import { complain } from "@shared/js/alerts.js";
import { text } from "@shared/js/texts.js";
import type { Call, Calls, Question, Reply } from "./protocol";

/** What the worker refused: a code, and the sentence of the page's language. */
export class Refusal extends Error {
  constructor(
    readonly code: string,
    name: string,
    details: Record<string, unknown>,
  ) {
    const blanks = { name, limit: Number(details.limit ?? 0) };
    let words: string;
    try {
      words = text(`refused.${code}`, blanks);
    } catch {
      words = text("refused.other", blanks);
    }
    super(words);
    this.name = "Refusal";
  }

  /** Shown to the reader; it is not a mistake of the program. */
  get status(): string {
    return this.code;
  }
}

interface Waiting {
  resolve: (answer: never) => void;
  reject: (error: unknown) => void;
  name: string;
}

const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
const waiting = new Map<number, Waiting>();
let count = 0;

/** Called while the network loads and starts. */
export const progress = { report: (_stage: "loading" | "preparing", _share: number | undefined): void => undefined };

worker.addEventListener("message", ({ data }: MessageEvent<Reply>) => {
  if ("progress" in data) {
    progress.report(data.progress.stage, data.progress.share);
    return;
  }
  const asked = waiting.get(data.number);
  waiting.delete(data.number);
  if ("error" in data) asked?.reject(new Refusal(data.error.code, asked.name, data.error.details));
  else asked?.resolve(data.answer as never);
});
worker.addEventListener("error", (event) => {
  event.preventDefault();
  for (const { reject, name } of waiting.values()) reject(new Refusal("other", name, {}));
  waiting.clear();
});

/** Asks the worker; `name` is the photo's, for sentences. */
export function ask<C extends Call>(call: C, question: Calls[C]["ask"], name = ""): Promise<Calls[C]["answer"]> {
  return new Promise((resolve, reject) => {
    const number = ++count;
    waiting.set(number, { resolve: resolve as (answer: never) => void, reject, name });
    const message: Question<C> = { number, call, ask: question };
    worker.postMessage(message);
  });
}

/** Shows what went wrong. */
export const refuse = (error: unknown, again?: () => void): void => complain(error, again);
