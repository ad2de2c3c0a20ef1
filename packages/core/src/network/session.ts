/** One ONNX session: lightness and hints in; a*b*, confidence and colour probabilities out. All names of the graph stand here. */
import { PhotochromError } from "../errors.js";
import { hintCoverage } from "../inference/hint_plane.js";
import { interpolate, type Plane, type Planes } from "../numbers.js";
import { readCard, type ModelCard } from "./card.js";
import type { InferenceSession, Runtime, Tensor } from "./runtime.js";

/** What the graph calls its inputs. */
const IN = {
  lightness: "lightness",
  hints: "hints",
  coverage: "hint_coverage",
  temperature: "temperature",
  correction: "correction",
  binBias: "bin_bias",
  /** How far the render head's picture takes the mean's place. */
  render: "render",
} as const;

/** What the graph calls its outputs. */
const OUT = {
  ab: "ab",
  confidence: "confidence",
  probability: "probability",
  uncertainty: "uncertainty",
  affinity: "affinity",
} as const;

/** What the network says about one padded image. */
export interface SessionOutput {
  /** a*b*, one cell for `outputStride` input pixels. */
  ab: Planes;
  confidence: Planes | undefined;
  /** Deviation of the distribution, a*b* units; with hints alone. */
  uncertainty: Planes | undefined;
  /** What belongs together; with hints alone. */
  affinity: Planes | undefined;
}

export interface Question {
  /** L* 0..100; sides are multiples of the card's stride. */
  lightness: Plane;
  /** a*, b* and a 0/1 mask on the output grid. */
  hints?: Planes | undefined;
  /** 0 for the mean of the distribution, 1 for the default, 2 for bold. */
  vividness?: number;
  /** Nats added to the scores of the card's bins. */
  binBias?: Float32Array | undefined;
}

/** Runs one network. */
export class Session {
  readonly card: ModelCard;
  readonly #runtime: Runtime;
  readonly #session: InferenceSession;
  readonly #outputs: Set<string>;
  readonly #inputs: Set<string>;

  private constructor(runtime: Runtime, session: InferenceSession, card: ModelCard) {
    this.card = card;
    this.#runtime = runtime;
    this.#session = session;
    this.#inputs = new Set(session.inputNames);
    this.#outputs = new Set(session.outputNames);
  }

  /** Opens a network's file. */
  static async open(file: Uint8Array, runtime: Runtime): Promise<Session> {
    const card = readCard(file);
    const session = await runtime.open(file);
    const missing = [IN.lightness].filter((name) => !session.inputNames.includes(name));
    if (missing.length || !session.outputNames.includes(OUT.ab)) {
      throw new PhotochromError("network.damaged", { reason: "its graph is not what its card says" });
    }
    return new Session(runtime, session, card);
  }

  /** Whether the network takes colours at places. */
  get takesHints(): boolean {
    return this.#inputs.has(IN.hints);
  }

  /** Whether it gives a distribution over colours, from which suggestions come. */
  get hasDistribution(): boolean {
    return this.#outputs.has(OUT.probability);
  }

  /** Predicts the colours of one picture. */
  async predict(question: Question): Promise<SessionOutput> {
    const { vividness = 1 } = question;
    const feeds = this.#feed(question);
    this.#setVividness(feeds, vividness);
    const more = question.hints ? [OUT.uncertainty, OUT.affinity] : [];
    const wanted = [OUT.ab, OUT.confidence, ...more].filter((name) => this.#outputs.has(name));
    const answers = await this.#run(feeds, wanted);
    return {
      ab: answers[OUT.ab],
      confidence: answers[OUT.confidence],
      uncertainty: answers[OUT.uncertainty],
      affinity: answers[OUT.affinity],
    };
  }

  /** Returns the distribution over the card's bins at every cell. */
  async probability(question: Question): Promise<Planes> {
    if (!this.hasDistribution) this.#refuse("it has no distribution over colours");
    const feeds = this.#feed({ ...question, binBias: undefined });
    if (this.card.vividness.length) this.#setVividness(feeds, 0);
    return (await this.#run(feeds, [OUT.probability]))[OUT.probability];
  }

  /** Frees what the session holds. */
  async close(): Promise<void> {
    await this.#session.release();
  }

  #feed({ lightness, hints, binBias }: Question): Record<string, Tensor> {
    const feeds: Record<string, Tensor> = {};
    this.#put(feeds, IN.lightness, lightness.data, [1, 1, lightness.height, lightness.width]);
    if (binBias && !this.#inputs.has(IN.binBias)) this.#refuse("it takes no palette");
    this.#put(feeds, IN.binBias, binBias ?? new Float32Array(this.card.bins.length), [this.card.bins.length]);
    if (hints && !this.takesHints) this.#refuse("it takes no hints");
    const [height, width] = [lightness.height, lightness.width].map((side) => Math.floor(side / this.card.outputStride));
    const drawn = hints?.data ?? new Float32Array(3 * height * width);
    this.#put(feeds, IN.hints, drawn, [1, 3, height, width]);
    const mask = drawn.subarray(2 * height * width);
    this.#put(feeds, IN.coverage, scalar(hintCoverage(mask, height, width)), []);
    return feeds;
  }

  #setVividness(feeds: Record<string, Tensor>, vividness: number): void {
    const table = this.card.vividness;
    if (!table.length) {
      if (vividness !== 1) this.#refuse("it has no vividness");
      return;
    }
    const steps = table.map((_, i) => i);
    for (const [column, name] of [IN.temperature, IN.correction, IN.render].entries()) {
      if (column >= table[0].length) break;
      this.#put(feeds, name, scalar(interpolate(vividness, steps, table.map((row) => row[column]))), []);
    }
  }

  #put(feeds: Record<string, Tensor>, name: string, data: Float32Array, dims: number[]): void {
    if (this.#inputs.has(name)) feeds[name] = this.#runtime.tensor(data, dims);
  }

  async #run(feeds: Record<string, Tensor>, wanted: string[]): Promise<Record<string, Planes>> {
    const answers = await this.#session.run(feeds, wanted);
    const out: Record<string, Planes> = {};
    for (const name of wanted) {
      const answer = answers[name];
      const [, channels, height, width] = answer.dims as [number, number, number, number];
      // the runtime may use its own memory again
      out[name] = { data: Float32Array.from(answer.data as Float32Array), channels, height, width };
      answer.dispose();
    }
    return out;
  }

  #refuse(what: string): never {
    throw new PhotochromError("option.not_with_this_network", { model: this.card.name, what });
  }
}

const scalar = (value: number): Float32Array => Float32Array.of(value);
