import { encode } from "fast-png";
import sharp from "sharp";
import { expect, test } from "vitest";
import { sharpCodec } from "../src/codecs/sharp.js";
import { concat, latin1 } from "../src/metadata/bytes.js";
import { makeBlockUpright, readOrientation } from "../src/metadata/exif.js";
import { gatherJpeg, insertJpeg, iterateSegments, keepPixelSegments, readFrame } from "../src/metadata/jpeg.js";
import { md5 } from "../src/metadata/md5.js";
import { gatherPng, insertPng, iterateChunks } from "../src/metadata/png.js";
import { hasEnd } from "../src/metadata/wholeness.js";
import { gatherWebp, keepPixelData, readCanvasSize } from "../src/metadata/webp.js";
import { addProvenance, joinPackets, removeAnnounced, removePlacement, splitPacket } from "../src/metadata/xmp.js";
import { readPicture } from "../src/picture.js";
import { base64, fixtures, formulaPage } from "./fixtures.js";

const { xmp, exif } = fixtures;
const packet = base64(xmp.packet);
const same = (one: Uint8Array | undefined, other: Uint8Array): boolean => !!one && Buffer.compare(one, other) === 0;
const text = (bytes: Uint8Array): string => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);

test("the mark goes into a packet as the Python side writes it, byte for byte", () => {
  expect(text(addProvenance(packet, "photochrom (a <b>)", "photochrom 9"))).toBe(xmp.marked);
  const twice = addProvenance(addProvenance(packet, "x", "y"), "photochrom (a <b>)", "photochrom 9");
  expect(text(twice)).toBe(xmp.twice);
  expect(text(addProvenance(undefined, "s", "v"))).toBe(xmp.alone);
  expect(text(addProvenance(new TextEncoder().encode("<x:xmpmeta><no"), "s", "v"))).toBe(xmp.broken);
  expect(text(removePlacement(packet))).toBe(xmp.upright);
});

test("a packet in UTF-16 is read, and one with a document type is not XMP", () => {
  const wide = new Uint8Array(Buffer.from("\ufeff" + text(packet), "utf16le"));
  expect(text(addProvenance(wide, "photochrom (a <b>)", "photochrom 9"))).toContain("München");
  const typed = new TextEncoder().encode(`<!DOCTYPE x>${text(packet)}`);
  expect(text(addProvenance(typed, "s", "v"))).toBe(xmp.alone);
});

test("what the result no longer has is not announced", () => {
  const camera = 'xmlns:GCamera="http://ns.google.com/photos/1.0/camera/" GCamera:MotionPhoto="1" tiff:Orientation';
  const announced = new TextEncoder().encode(text(packet).replace("tiff:Orientation", camera));
  const rest = text(removeAnnounced(announced));
  expect(rest).not.toContain('MotionPhoto="1"');
  expect(rest).toContain("München");
});

test("a large packet is split by the same digest, and joined again", () => {
  const marked = addProvenance(packet, "s", "v");
  const { extended } = splitPacket(marked, 600);
  expect(extended).toBe(xmp.extended);
  expect(md5(new TextEncoder().encode(extended))).toBe(xmp.guid);
  const joined = text(joinPackets(addProvenance(undefined, "s", "v"), new TextEncoder().encode(extended)));
  expect(joined).toContain("München");
  expect(joined).toContain("AISystemUsed");
});

test("an EXIF block is made upright as the Python side does", () => {
  const block = base64(exif.block);
  expect(readOrientation(block)).toBe(exif.orientation);
  expect(Buffer.from(makeBlockUpright(block, 4, 8)).toString("base64")).toBe(exif.upright);
  for (let size = 0; size < block.length; size += 3) {
    expect([1, 6]).toContain(readOrientation(block.subarray(0, size)));
    expect(makeBlockUpright(block.subarray(0, size), 4, 8).length).toBeGreaterThanOrEqual(0);
  }
});

test("a JPEG's segments go out and in again", () => {
  const file = base64(exif.jpeg);
  const found = gatherJpeg(file);
  expect(found.comments.map((comment) => latin1(comment))).toEqual(["a comment"]);
  expect(Buffer.from(found.exif!).toString("base64")).toBe(exif.block);
  expect(found.jpegQuality).toBeGreaterThan(73);
  expect(found.jpegQuality).toBeLessThan(77);
  expect(readFrame(file)).toMatchObject({ width: 8, height: 4, components: 1, bits: 8 });
  const big = addProvenance(new TextEncoder().encode(text(packet).replace("M&", `${"x".repeat(70000)}&`)), "s", "v");
  const icc = new Uint8Array(70000).fill(7);
  const photoshop = concat(Uint8Array.from(Buffer.from("8BIM\x04\x04\0\0\0\0\0\x04abcd", "latin1")));
  const metadata = { ...found, exif: new Uint8Array(140000).fill(9), xmp: big, icc, photoshop, density: { x: 300, y: 300, unit: "inch" as const } };
  const bare = keepPixelSegments(file);
  const again = gatherJpeg(insertJpeg(bare, metadata, icc));
  expect(same(again.exif, metadata.exif)).toBe(true);
  expect(same(again.icc, icc)).toBe(true);
  expect(same(again.photoshop, photoshop)).toBe(true);
  expect(again.density).toEqual(metadata.density);
  expect(again.comments).toEqual(found.comments);
  expect(text(again.xmp!)).toContain("AISystemUsed");
  expect(readFrame(insertJpeg(bare, metadata, icc))).toEqual(readFrame(file));
});

test("a file that is cut is known, and only such a one", () => {
  const file = base64(exif.jpeg);
  expect(hasEnd(file, "JPEG")).toBe(true);
  expect(hasEnd(concat(file, new Uint8Array(50)), "JPEG")).toBe(true);
  for (const size of [3, 40, file.length / 2, file.length - 2]) expect(hasEnd(file.subarray(0, size), "JPEG")).toBe(false);
  const png = encode({ width: 3, height: 3, data: new Uint8Array(9), channels: 1 });
  expect(hasEnd(png, "PNG")).toBe(true);
  expect(hasEnd(png.subarray(0, png.length - 12), "PNG")).toBe(false);
});

test("a PNG's chunks go out and in again", () => {
  const png = encode({ width: 3, height: 2, data: new Uint8Array(18), channels: 3 });
  const note = Uint8Array.from(Buffer.from("Comment\0by hand", "latin1"));
  const metadata = {
    comments: [],
    pngChunks: [{ kind: "tEXt", data: note }],
    exif: base64(exif.block),
    xmp: addProvenance(packet, "s", "v"),
    density: { x: 300, y: 200, unit: "inch" as const },
  };
  const icc = new Uint8Array(500).fill(3);
  const again = gatherPng(insertPng(png, metadata, icc));
  expect(again.exif).toEqual(metadata.exif);
  expect(again.xmp).toEqual(metadata.xmp);
  expect(again.icc).toEqual(icc);
  expect(again.density).toEqual({ x: 11811, y: 7874, unit: "metre" });
  // a picture that was turned says no more in its texts how
  expect(again.pngChunks).toEqual(metadata.pngChunks);
  expect([...iterateChunks(insertPng(png, metadata, icc))].map(({ kind }) => kind)).toEqual(
    ["IHDR", "iCCP", "pHYs", "eXIf", "iTXt", "tEXt", "IDAT", "IEND"],
  );
});

/** A WebP of 8 x 4 pixels with what metadata there may be, and the one without that it was made of. */
async function makeWebp(icc: Uint8Array): Promise<{ file: Uint8Array; plain: Uint8Array }> {
  const raw = { width: 8, height: 4, channels: 3 as const };
  const { pixels } = formulaPage(4, 8, 3, 255);
  const plain = new Uint8Array(await sharp(pixels, { raw }).webp({ lossless: true }).toBuffer());
  const chunk = (kind: string, data: Uint8Array): Uint8Array => {
    const size = Uint8Array.of(data.length & 255, data.length >> 8, 0, 0);
    return concat(new TextEncoder().encode(kind), size, data, new Uint8Array(data.length % 2));
  };
  const header = Uint8Array.of(0x2c, 0, 0, 0, 7, 0, 0, 3, 0, 0);
  const more = [chunk("EXIF", concat(new TextEncoder().encode("Exif\0\0"), base64(exif.block))), chunk("XMP ", packet)];
  const body = concat(new TextEncoder().encode("WEBP"), chunk("VP8X", header), chunk("ICCP", icc), plain.subarray(12), ...more);
  return { file: concat(chunk("RIFF", body).subarray(0, 8), body), plain };
}

test("a WebP gives its metadata, and its pixels without them", async () => {
  const icc = new Uint8Array(501).fill(3);
  const { file, plain } = await makeWebp(icc);
  const found = gatherWebp(file);
  expect(Buffer.from(found.exif!).toString("base64")).toBe(exif.block);
  expect(found.xmp).toEqual(packet);
  expect(found.icc).toEqual(icc);
  expect(readCanvasSize(file)).toEqual({ height: 4, width: 8 });
  expect(readCanvasSize(plain)).toBeUndefined();
  const bare = keepPixelData(concat(file, new Uint8Array(20)));
  expect(gatherWebp(bare)).toEqual({ comments: [], pngChunks: [] });
  expect(gatherWebp(keepPixelData(file, true)).icc).toEqual(icc);
  const pixels = (bytes: Uint8Array): Promise<Buffer> => sharp(bytes).raw().toBuffer();
  expect(await pixels(bare)).toEqual(await pixels(plain));
  expect((await sharp(bare).metadata()).icc).toBeUndefined();
  for (let size = 12; size < file.length; size += 7) expect(hasEnd(file.subarray(0, size), "WEBP")).toBe(false);
});

test("a WebP is read upright, in its own colour space", async () => {
  const profile = fixtures.recolor.map(({ icc }: { icc: string }) => icc).find(Boolean);
  const picture = await readPicture((await makeWebp(base64(profile))).file, sharpCodec);
  expect([picture.page.height, picture.page.width]).toEqual([8, 4]);
  expect(readOrientation(picture.metadata.exif)).toBe(1);
  const plain = await readPicture((await makeWebp(new Uint8Array(9))).file, sharpCodec);
  expect(picture.page.pixels).toEqual(plain.page.pixels);
  const lightness = ({ page }: typeof plain): Float32Array => page.space.lightness(page.pixels, 3, 8, 4).data;
  expect(lightness(picture)).not.toEqual(lightness(plain));
});

test("every segment has a marker that is one", () => {
  for (const { marker } of iterateSegments(base64(exif.jpeg))) expect(marker).toBeGreaterThanOrEqual(0xc0);
});
