import { expect, test } from "vitest";
import { gamutScale, labToSrgb, srgbToLab } from "../src/color/conversion.js";
import { hexToAb, isHexColor, labToHex } from "../src/color/hex.js";
import { shrink } from "../src/image/shrink.js";
import { viewSize } from "../src/inference/views.js";
import { recolor, recolorExactly } from "../src/recolor/recolor.js";
import { apart, fixtures, formulaPage, formulaPlanes } from "./fixtures.js";

test("colours are converted as the Python side does", () => {
  expect(apart(fixtures.rgb.flatMap((c: [number, number, number]) => srgbToLab(...c)), fixtures.rgbToLab)).toBeLessThan(1e-6);
  const back = fixtures.lab.flatMap((c: [number, number, number]) => labToSrgb(...c));
  expect(apart(back, fixtures.labToSrgb)).toBeLessThan(1e-6);
  const scales = fixtures.lab.map((c: [number, number, number]) => gamutScale(...c));
  expect(apart(scales, fixtures.gamutScale)).toBeLessThan(1e-4);
});

test("colours are written and read as people write them", () => {
  for (const [color, ab] of Object.entries(fixtures.hex)) expect(apart(hexToAb(color), ab as number[])).toBeLessThan(1e-6);
  expect(fixtures.lab.map(([l, a, b]: number[]) => labToHex(l, a, b))).toEqual(fixtures.labToHex);
  expect(["#12", "123456", "#12345g", 7].filter(isHexColor)).toEqual([]);
});

test.each(fixtures.shrink as any[])("lightness at the network's size: $size", ({ size, lightness }: any) => {
  const [height, width, channels, top, toHeight, toWidth] = size;
  const found = shrink(formulaPage(height, width, channels, top), toHeight, toWidth);
  expect(apart(found.data, lightness)).toBeLessThan(0.002);
});

test("views have the sizes of the Python side", () => {
  for (const [height, width, toHeight, toWidth] of fixtures.views) {
    expect(viewSize(height, width, 256, 4)).toEqual({ height: toHeight, width: toWidth });
  }
});

test.each(fixtures.recolor as any[])("chroma is put on pixels: $channels channels to $top, strength $strength", (wanted: any) => {
  const page = formulaPage(30, 41, wanted.channels, wanted.top, wanted.icc);
  const found = recolor(page, formulaPlanes(2, 6, 8, -70, 75), wanted.strength);
  const some: number[] = [];
  for (let y = 0; y < 30; y += 3) for (let x = 0; x < 41; x += 4) for (let c = 0; c < 3; c++) some.push(found[3 * (41 * y + x) + c]);
  const unit = wanted.top === 255 ? 1 : 257;
  const off = some.map((value, i) => Math.abs(value - wanted.pixels[i]) / unit);
  expect(off.reduce((sum, value) => sum + value, 0) / off.length).toBeLessThan(0.05);
  // a chroma that lies between two cells of the table may fall to either
  expect(Math.max(...off)).toBeLessThan(4);
});

test("the quick way for gray is within a unit of a*b* of the exact one, and gray levels keep their order", () => {
  const page = formulaPage(64, 64, 1, 255);
  const ab = formulaPlanes(2, 4, 4, -30, 30);
  const [quick, exact] = [recolor(page, ab), recolorExactly(page, ab)];
  expect(apart(quick, exact)).toBeLessThan(6);
  const gray = formulaPlanes(2, 4, 4, 0, 0);
  const same = recolor(page, gray);
  expect(apart(same.filter((_, i) => i % 3 === 1), page.pixels)).toBeLessThanOrEqual(1);
});
