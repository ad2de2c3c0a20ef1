import { expect, test } from "vitest";
import { Guidance, placeHint, Trust } from "../src/inference/guidance.js";
import { hintCoverage } from "../src/inference/hint_plane.js";
import { binBias } from "../src/inference/palette_prior.js";
import { spread } from "../src/inference/propagation.js";
import type { ColorDistribution } from "../src/inference/predictor.js";
import { channelOf, type Planes } from "../src/numbers.js";
import { Random } from "../src/steering/random.js";
import { distinctColors } from "../src/steering/suggestions.js";
import { drawHints } from "../src/steering/variations.js";
import { apart, fixtures, formulaPlane, formulaPlanes } from "./fixtures.js";

const size = { height: 9, width: 11 };

function distribution(): ColorDistribution {
  const bins = fixtures.bins as [number, number][];
  const [height, width] = [12, 16];
  const probability = formulaPlanes(bins.length, height, width, 0, 6);
  const ab: Planes = { data: new Float32Array(2 * height * width), channels: 2, height, width };
  const confidence = new Float32Array(height * width);
  for (let i = 0; i < height * width; i++) {
    const at = (q: number): number => q * height * width + i;
    let sum = 0;
    bins.forEach((bin, q) => {
      const weight = Math.exp(probability.data[at(q)] - 0.02 * Math.hypot(...bin));
      probability.data[at(q)] = weight;
      sum += weight;
    });
    bins.forEach((bin, q) => {
      const p = (probability.data[at(q)] /= sum);
      ab.data[i] += p * bin[0];
      ab.data[height * width + i] += p * bin[1];
      confidence[i] = Math.max(confidence[i], p);
    });
  }
  const lightness = formulaPlane(height, width, 20, 85);
  return { lightness, probability, bins, ab, confidence: { data: confidence, height, width } };
}

test("hints are drawn where the Python side draws them", () => {
  const hints = [
    { x: 30, y: 12, color: "#c03", radius: 14 },
    { x: 80.5, y: 59.9, color: "#00aa33" },
    { x: 31, y: 13, color: "#0000ff" },
  ];
  const drawn = Guidance.of(hints).draw({ height: 60, width: 90 }, { height: 12, width: 18 }, { height: 16, width: 24 })!;
  expect(apart(drawn.data, fixtures.drawn)).toBeLessThan(1e-3);
  const coverage = [
    hintCoverage(channelOf(drawn, 2).data, 16, 24),
    hintCoverage(new Float32Array(16 * 24).fill(1), 16, 24),
    hintCoverage(Float32Array.from({ length: 81 }, (_, i) => Number(Math.floor(i / 9) === i % 9)), 9, 9),
  ];
  expect(apart(coverage, fixtures.coverage)).toBeLessThan(1e-5);
});

test("a hint that is none, or lies outside, is refused by its code", () => {
  const refused = (hint: any): unknown => {
    try {
      Guidance.of([hint]).draw(size, size, size);
    } catch (error) {
      return (error as { code: string }).code;
    }
    return undefined;
  };
  expect(refused({ x: 12, y: 1, color: "#fff" })).toBe("option.hint_outside");
  expect(refused({ x: -1, y: 1, color: "#fff" })).toBe("option.not_a_hint");
  expect(refused({ x: 1, y: Number.NaN, color: "#fff" })).toBe("option.not_a_hint");
  expect(refused({ x: 1, y: 1, color: "red" })).toBe("option.not_a_color");
  expect(refused(null)).toBe("option.not_a_hint");
});

test("a palette's bias is that of the Python side", () => {
  expect(apart(binBias(["#8a5a3c", "#2050a0"], fixtures.bins), fixtures.binBias)).toBeLessThan(1e-4);
});

test("what is left of hints is spread as the Python side does, and the answer is exact at them", () => {
  const given = [
    { x: 3, y: 2, color: "#b03020", radius: 2 },
    { x: 10, y: 7, color: "#2050a0" },
    { x: 0.5, y: 8, color: "#30a040" },
  ];
  const guidance = new Guidance([
    ...given.map((hint) => placeHint(hint)),
    placeHint({ x: 6, y: 4, color: "#888800" }, Trust.Reference),
  ]);
  const task = {
    ab: formulaPlanes(2, 9, 11, -20, 30),
    hints: guidance.draw(size, size, size, Trust.User),
    lightness: formulaPlane(9, 11, 10, 90),
    affinity: formulaPlanes(36, 9, 11, -1, 1),
    uncertainty: formulaPlanes(1, 9, 11, 5, 25),
  };
  expect(apart(spread(task).data, fixtures.spread.plain)).toBeLessThan(0.02);
  const matches = guidance.draw(size, size, size, Trust.Reference);
  expect(apart(spread({ ...task, matches }).data, fixtures.spread.matches)).toBeLessThan(0.02);
  const plain = spread({ ab: task.ab, hints: task.hints, lightness: task.lightness });
  expect(apart(plain.data, fixtures.spread.without)).toBeLessThan(0.02);
});

test("chance is numpy's", () => {
  for (const [seed, wanted] of Object.entries(fixtures.steering.random)) {
    const random = new Random(Number(seed));
    expect((wanted as number[]).map(() => random.next())).toEqual(wanted);
  }
});

test("colours are suggested as on the Python side", () => {
  const { probability, bins } = distribution();
  const cell = 4 * 16 + 5;
  const here = bins.map((_, q) => probability.data[q * 12 * 16 + cell]);
  const found = distinctColors(here, bins, 5);
  expect(apart(found.flatMap(({ ab }) => ab), fixtures.steering.colors)).toBeLessThan(0.01);
  expect(apart(found.map(({ share }) => share), fixtures.steering.share)).toBeLessThan(1e-4);
});

test("variations of a seed are those of the Python side", () => {
  const found = drawHints(distribution(), 600, 800, 4, 7);
  const wanted = fixtures.steering.variations as [number, number, string][][];
  expect(found.map((hints) => hints.length)).toEqual(wanted.map((hints) => hints.length));
  found.forEach((hints, i) => {
    hints.forEach(({ x, y, color }, j) => {
      const [wantedX, wantedY, wantedColor] = wanted[i][j];
      expect(apart([x, y], [wantedX, wantedY])).toBeLessThan(0.01);
      const channels = (text: string): number[] => [1, 3, 5].map((at) => parseInt(text.slice(at, at + 2), 16));
      // single precision on one side may round to the neighbour
      expect(apart(channels(color), channels(wantedColor))).toBeLessThanOrEqual(1);
    });
  });
});
