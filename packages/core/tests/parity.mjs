// Colours raw pixels that a Python script left in a folder: node parity.mjs FOLDER NETWORK
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Colorizer, makePage } from "../dist/node.js";

const [folder, network] = process.argv.slice(2);
const colorizer = await Colorizer.open({ network: new Uint8Array(readFileSync(network)), threads: 1 });
for (const { name, height, width, deep, options } of JSON.parse(readFileSync(join(folder, "photos.json"), "utf8"))) {
  const bytes = new Uint8Array(readFileSync(join(folder, `${name}.raw`)));
  const page = makePage(deep ? new Uint16Array(bytes.buffer) : bytes, height, width);
  const picture = { page, format: "PNG", metadata: { comments: [], pngChunks: [] } };
  const result = await colorizer.colorize(picture, options);
  const { pixels } = result.picture.page;
  writeFileSync(join(folder, `${name}.out`), new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength));
}
await colorizer.close();
