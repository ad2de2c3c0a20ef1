/** Colours photos with one network: make it once, call it often. */
import { canvasCodec } from "./codecs/canvas.js";
import type { Codec } from "./codecs/codec.js";
import { PhotochromError } from "./errors.js";
import { Guidance } from "./inference/guidance.js";
import { predict, predictDistribution, type Prediction } from "./inference/predictor.js";
import { pageFromRgba, type Page } from "./image/page.js";
import type { ModelCard } from "./network/card.js";
import { loadNetwork, type Progress } from "./network/load.js";
import { openRuntime, type RuntimeOptions } from "./network/runtime.js";
import { Session } from "./network/session.js";
import { checkOptions, type ColorizeOptions } from "./options.js";
import { markColors, outputFormat, readPicture, withColors, writePicture, writeRows, type Picture } from "./picture.js";
import { recolor, recolorRows } from "./recolor/recolor.js";
import { suggestColors, type Suggestion } from "./steering/suggestions.js";
import { drawHints } from "./steering/variations.js";

/** A photo: a file, its bytes, pixels as a canvas gives them, or a picture read before. */
export type Source = Blob | Uint8Array | ArrayBuffer | Pixels | Picture;

/** RGBA pixels, such as an `ImageData`. */
export interface Pixels {
  data: Uint8Array | Uint8ClampedArray;
  height: number;
  width: number;
}

export interface OpenOptions extends RuntimeOptions {
  /** Where the network's file lies, or its bytes. */
  network: string | URL | Uint8Array;
  /** Called while the network loads. */
  onProgress?: Progress;
  /** What decodes and encodes pixels; the browser's own codecs by default. */
  codec?: Codec;
}

/** The colours of a photo, before they are put on pixels. */
export class Coloring {
  constructor(
    readonly picture: Picture,
    readonly prediction: Prediction,
    readonly model: string,
    readonly codec: Codec,
  ) {}

  /** Mean confidence 0..1; undefined where the network has no distribution. */
  get confidence(): number | undefined {
    const map = this.prediction.confidence?.data;
    return map && map.reduce((sum, value) => sum + value, 0) / map.length;
  }

  /** Returns the photo in these colours, or a copy of another size that gets them in its place. */
  apply(strength = 1, picture: Picture = this.picture): Result {
    checkOptions({ strength });
    const pixels = recolor(picture.page, this.prediction.ab, strength);
    return new Result(withColors(picture, pixels, this.model), this.confidence, this.codec);
  }

  /** Returns the photo's file in these colours; unlike `apply`, never has all of its colours in memory. */
  async toBlob(strength = 1, format: "JPEG" | "PNG" = outputFormat(this.picture)): Promise<Blob> {
    checkOptions({ strength });
    const marked = { ...this.picture, metadata: markColors(this.picture, this.model) };
    const rows = recolorRows(this.picture.page, this.prediction.ab, strength);
    return blobOf(await writeRows(marked, rows, this.codec, format), format);
  }
}

/** A coloured picture, and what is known about it. */
export class Result {
  constructor(
    readonly picture: Picture,
    readonly confidence: number | undefined,
    readonly codec: Codec,
  ) {}

  get height(): number {
    return this.picture.page.height;
  }

  get width(): number {
    return this.picture.page.width;
  }

  /** The pixels, RGBA of 8 bits. */
  toRgba(): Uint8ClampedArray<ArrayBuffer> {
    return toRgba(this.picture.page);
  }

  /** Returns the bytes of a file with all metadata of the source: a JPEG of a JPEG, else a PNG. */
  toBytes(format?: "JPEG" | "PNG"): Promise<Uint8Array> {
    return writePicture(this.picture, this.codec, format);
  }

  /** Returns the file as a blob. */
  async toBlob(format: "JPEG" | "PNG" = outputFormat(this.picture)): Promise<Blob> {
    return blobOf(await this.toBytes(format), format);
  }
}

const blobOf = (bytes: Uint8Array, format: "JPEG" | "PNG"): Blob =>
  new Blob([bytes as BlobPart], { type: `image/${format.toLowerCase()}` });

/** Colours photos with one network. */
export class Colorizer {
  private constructor(
    private readonly session: Session,
    private readonly codec: Codec,
    /** What it runs on. */
    readonly device: "wasm" | "webgpu",
  ) {}

  /** Loads a network and makes it ready. */
  static async open({ network, onProgress, codec = canvasCodec, ...options }: OpenOptions): Promise<Colorizer> {
    const [file, runtime] = await Promise.all([loadNetwork(network, onProgress), openRuntime(options)]);
    return new Colorizer(await Session.open(file, runtime), codec, runtime.device);
  }

  /** What the network's file says about itself. */
  get card(): ModelCard {
    return this.session.card;
  }

  /** Reads a photo, which needs no network. Throws `photo.*` where it cannot be used. */
  static async read(source: Source, maxPixels?: number, codec: Codec = canvasCodec): Promise<Picture> {
    if ("page" in source) return source;
    if ("width" in source) {
      const page = pageFromRgba(source.data, source.height, source.width);
      return { page, format: "PNG", metadata: { comments: [], pngChunks: [] } };
    }
    const bytes = source instanceof Blob ? await source.arrayBuffer() : source;
    return readPicture(bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes), codec, maxPixels);
  }

  /** Reads a photo, with this one's codec. */
  read(source: Source, maxPixels?: number): Promise<Picture> {
    return Colorizer.read(source, maxPixels, this.codec);
  }

  /** Colours one photo. */
  async colorize(source: Source, options: ColorizeOptions = {}): Promise<Result> {
    return (await this.predict(source, options)).apply(options.strength);
  }

  /** Predicts the colours of a photo, to be put on it or on a copy of another size. */
  async predict(source: Source, options: ColorizeOptions = {}): Promise<Coloring> {
    checkOptions(options);
    const picture = await this.read(source, options.maxPixels);
    let guidance = Guidance.of(options.hints, options.palette);
    const { variation } = options;
    if (!variation) return this.#ask(picture, guidance, options);
    if (!this.session.takesHints) this.#refuse("it takes no hints, of which variations are made");
    const distribution = await predictDistribution(this.session, picture.page, guidance, options.inputSize);
    const { height, width } = picture.page;
    const drawn = drawHints(distribution, height, width, variation.index + 1, variation.seed);
    guidance = guidance.withSamples(drawn[variation.index]);
    const { prediction } = await this.#ask(picture, guidance, options);
    // a drawn hint is not knowledge: the picture is as sure as it was without
    return this.#coloring(picture, { ...prediction, confidence: distribution.confidence });
  }

  /** Predicts several colourings that the network thinks possible; the same seed gives the same ones. */
  async variations(source: Source, count: number, options: ColorizeOptions = {}, seed = 0): Promise<Coloring[]> {
    checkOptions({ ...options, variation: { seed, index: count - 1 } });
    if (!this.session.takesHints) this.#refuse("it takes no hints, of which variations are made");
    const picture = await this.read(source, options.maxPixels);
    const guidance = Guidance.of(options.hints, options.palette);
    const distribution = await predictDistribution(this.session, picture.page, guidance, options.inputSize);
    const { height, width } = picture.page;
    const out: Coloring[] = [];
    for (const hints of drawHints(distribution, height, width, count, seed)) {
      const { prediction } = await this.#ask(picture, guidance.withSamples(hints), options);
      out.push(this.#coloring(picture, { ...prediction, confidence: distribution.confidence }));
    }
    return out;
  }

  /** Returns the most likely clearly distinct colours at a point, the likeliest first. */
  async suggest(source: Source, x: number, y: number, count = 5, options: ColorizeOptions = {}): Promise<Suggestion[]> {
    checkOptions(options);
    const picture = await this.read(source, options.maxPixels);
    const { height, width } = picture.page;
    if (!(x >= 0 && x <= width && y >= 0 && y <= height)) {
      throw new PhotochromError("option.point_outside", { x, y, width, height });
    }
    const guidance = Guidance.of(options.hints, options.palette);
    const distribution = await predictDistribution(this.session, picture.page, guidance, options.inputSize);
    return suggestColors(distribution, x / width, y / height, count);
  }

  /** Frees the memory of the network. */
  close(): Promise<void> {
    return this.session.close();
  }

  async #ask(picture: Picture, guidance: Guidance, options: ColorizeOptions): Promise<Coloring> {
    const prediction = await predict(this.session, picture.page, guidance, options);
    return this.#coloring(picture, prediction);
  }

  #coloring(picture: Picture, prediction: Prediction): Coloring {
    return new Coloring(picture, prediction, this.card.name, this.codec);
  }

  #refuse(what: string): never {
    throw new PhotochromError("option.not_with_this_network", { model: this.card.name, what });
  }
}

/** Returns a page's pixels as RGBA of 8 bits. */
export function toRgba({ pixels, alpha, channels, height, width }: Page): Uint8ClampedArray<ArrayBuffer> {
  const out = new Uint8ClampedArray(4 * height * width);
  const byte = pixels instanceof Uint8Array ? (v: number) => v : (v: number) => Math.floor((v + 128) / 257);
  for (let i = 0; i < height * width; i++) {
    for (let c = 0; c < 3; c++) out[4 * i + c] = byte(pixels[channels === 3 ? 3 * i + c : i]);
    out[4 * i + 3] = alpha ? byte(alpha[i]) : 255;
  }
  return out;
}

let shared: { network: OpenOptions["network"]; opened: Promise<Colorizer> } | undefined;

/** Colours one photo with a network that is opened at the first call and kept. */
export async function colorize(
  source: Source,
  { network, ...options }: ColorizeOptions & { network: OpenOptions["network"] },
): Promise<Blob> {
  if (shared?.network !== network) shared = { network, opened: Colorizer.open({ network }) };
  const { opened } = shared;
  try {
    return await (await (await opened).colorize(source, options)).toBlob();
  } catch (error) {
    // a network that could not be loaded is tried again the next time
    await opened.catch(() => (shared = undefined));
    throw error;
  }
}
