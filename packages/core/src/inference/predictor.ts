/** The one road from an image to its colours: views, hints, answers joined, and propagation. */
import type { Page } from "../image/page.js";
import { resize } from "../image/resample.js";
import type { Session, SessionOutput } from "../network/session.js";
import { channelOf, clamp, crop, type Plane, type Planes } from "../numbers.js";
import { Guidance, Trust } from "./guidance.js";
import { binBias } from "./palette_prior.js";
import { spread } from "./propagation.js";
import { cellLightness, viewPage, type View } from "./views.js";

/** The colours of one image, edge to edge, at the network's own resolution. */
export interface Prediction {
  /** a*b*, Lab units. */
  ab: Planes;
  /** 0..1; undefined where the network has no distribution. */
  confidence: Plane | undefined;
}

/** What a network with a distribution says of an image, on its output grid. */
export interface ColorDistribution {
  /** L* 0..100, the mean of each cell. */
  lightness: Plane;
  /** Over the bins, sums to 1 at each cell. */
  probability: Planes;
  bins: [number, number][];
  ab: Planes;
  confidence: Plane;
}

export interface PredictOptions {
  vividness?: number;
  /** Short side of what the network sees, pixels; by default the network's own sizes. */
  inputSize?: number | undefined;
}

/** Predicts the colours of a page: the answers of all the network's sizes, averaged, and moved to the hints. */
export async function predict(
  session: Session,
  page: Page,
  guidance: Guidance = new Guidance(),
  { vividness = 1, inputSize }: PredictOptions = {},
): Promise<Prediction> {
  const { card } = session;
  const bias = guidance.palette.length ? binBias(guidance.palette, card.bins) : undefined;
  const views = (inputSize ? [inputSize] : card.sizes).map((size) => viewPage(page, card, size));
  const answers: SessionOutput[] = [];
  for (const view of views) {
    const hints = draw(session, guidance, page, view);
    const answer = await session.predict({ lightness: view.lightness, hints, vividness, binBias: bias });
    answers.push(cropAnswer(answer, view, card.outputStride));
  }
  const sizes = answers.map((answer) => answer.ab.data.length);
  const best = sizes.indexOf(Math.max(...sizes));
  const { height, width } = answers[best].ab;
  let ab = average(answers.map((answer) => enlarge(answer.ab, height, width)));
  if (guidance.isBinding) ab = propagate(session, ab, guidance, page, views[best], answers[best]);
  const maps = answers.flatMap((answer) => (answer.confidence ? [enlarge(answer.confidence, height, width)] : []));
  if (!maps.length) return { ab, confidence: undefined };
  const confidence = channelOf(average(maps), 0);
  for (let i = 0; i < confidence.data.length; i++) confidence.data[i] = clamp(confidence.data[i], 0, 1);
  return { ab, confidence };
}

/** Predicts the distribution over colours on the output grid of the network's finest size. */
export async function predictDistribution(
  session: Session,
  page: Page,
  guidance: Guidance = new Guidance(),
  inputSize?: number,
): Promise<ColorDistribution> {
  const { card } = session;
  const cell = card.outputStride;
  const view = viewPage(page, card, inputSize ?? Math.max(...card.sizes));
  const hints = draw(session, guidance, page, view);
  const whole = await session.probability({ lightness: view.lightness, hints });
  const probability = crop(whole, view.height / cell, view.width / cell);
  if (guidance.palette.length) tilt(probability, binBias(guidance.palette, card.bins));
  const { ab, confidence } = await predict(session, page, guidance, { inputSize });
  return { lightness: cellLightness(view, cell), probability, bins: card.bins, ab, confidence: confidence! };
}

function tilt(probability: Planes, bias: Float32Array): void {
  const size = probability.height * probability.width;
  const factors = bias.map(Math.exp);
  for (let i = 0; i < size; i++) {
    let sum = 0;
    for (let q = 0; q < factors.length; q++) sum += probability.data[q * size + i] *= factors[q];
    for (let q = 0; q < factors.length; q++) probability.data[q * size + i] /= sum;
  }
}

function draw(session: Session, guidance: Guidance, page: Page, view: View, trust?: Trust): Planes | undefined {
  const cell = session.card.outputStride;
  const inside = { height: view.height / cell, width: view.width / cell };
  const padded = { height: view.lightness.height / cell, width: view.lightness.width / cell };
  return guidance.draw({ height: page.height, width: page.width }, inside, padded, trust);
}

function cropAnswer(answer: SessionOutput, view: View, cell: number): SessionOutput {
  const part = <T extends Planes | undefined>(planes: T): T =>
    (planes && crop(planes, view.height / cell, view.width / cell)) as T;
  return {
    ab: part(answer.ab),
    confidence: part(answer.confidence),
    uncertainty: part(answer.uncertainty),
    affinity: part(answer.affinity),
  };
}

function propagate(
  session: Session,
  ab: Planes,
  guidance: Guidance,
  page: Page,
  view: View,
  answer: SessionOutput,
): Planes {
  const cell = session.card.outputStride;
  const drawn = (trust: Trust): Planes | undefined => {
    const planes = draw(session, guidance, page, view, trust);
    return planes && crop(planes, view.height / cell, view.width / cell);
  };
  return spread({
    ab,
    hints: drawn(Trust.User),
    matches: drawn(Trust.Reference),
    lightness: cellLightness(view, cell),
    affinity: answer.affinity,
    uncertainty: answer.uncertainty,
  });
}

function enlarge(planes: Planes, height: number, width: number): Planes {
  if (planes.height === height && planes.width === width) return planes;
  const data = new Float32Array(planes.channels * height * width);
  for (let c = 0; c < planes.channels; c++) data.set(resize(channelOf(planes, c), height, width).data, c * height * width);
  return { data, channels: planes.channels, height, width };
}

function average(all: Planes[]): Planes {
  const data = new Float32Array(all[0].data.length);
  for (const planes of all) for (let i = 0; i < data.length; i++) data[i] += planes.data[i] / all.length;
  return { ...all[0], data };
}
