import { encode } from "fast-png";
import { expect, test } from "vitest";
import { concat, latin1 } from "../src/metadata/bytes.js";
import { makeBlockUpright, readOrientation } from "../src/metadata/exif.js";
import { gatherJpeg, insertJpeg, iterateSegments, keepPixelSegments, readFrame } from "../src/metadata/jpeg.js";
import { md5 } from "../src/metadata/md5.js";
import { gatherPng, insertPng, iterateChunks } from "../src/metadata/png.js";
import { hasEnd } from "../src/metadata/wholeness.js";
import { addProvenance, joinPackets, removeAnnounced, removePlacement, splitPacket } from "../src/metadata/xmp.js";
import { base64, fixtures } from "./fixtures.js";

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

test("every segment has a marker that is one", () => {
  for (const { marker } of iterateSegments(base64(exif.jpeg))) expect(marker).toBeGreaterThanOrEqual(0xc0);
});
