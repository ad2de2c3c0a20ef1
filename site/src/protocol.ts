/** What the page asks its worker, and what it answers. */
import type { ColorizeOptions, Suggestion } from "@photochrom/core";

export interface Preview {
  rgba: Uint8ClampedArray<ArrayBuffer>;
  height: number;
  width: number;
}

export interface Opened {
  /** Pixels of the photo itself. */
  height: number;
  width: number;
  format: string;
  preview: Preview;
}

export interface Colored {
  preview: Preview;
  confidence: number | undefined;
}

/** Steering of one photo; its hints are in the photo's own pixels. */
export type Settings = Pick<ColorizeOptions, "vividness" | "strength" | "hints" | "palette" | "variation">;

export interface Calls {
  start: { ask: { base: string }; answer: { name: string; sha256: string; device: string } };
  read: { ask: { id: number; file: Blob }; answer: Opened };
  color: { ask: { id: number; file: Blob; settings: Settings }; answer: Colored };
  suggest: { ask: { id: number; file: Blob; settings: Settings; x: number; y: number }; answer: Suggestion[] };
  variations: { ask: { id: number; file: Blob; settings: Settings; count: number }; answer: Preview[] };
  save: { ask: { id: number; file: Blob; settings: Settings }; answer: Blob };
}

export type Call = keyof Calls;

export interface Question<C extends Call = Call> {
  number: number;
  call: C;
  ask: Calls[C]["ask"];
}

export type Reply =
  | { number: number; answer: unknown }
  | { number: number; error: { code: string; message: string; details: Record<string, unknown> } }
  | { progress: { stage: "loading" | "preparing"; share: number | undefined } };
