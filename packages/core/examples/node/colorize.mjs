// node colorize.mjs PHOTO OUTPUT [NETWORK]; PNG needs nothing else, JPEG and WebP need: npm install sharp
import { readFile, writeFile } from "node:fs/promises";
import { openColorizer } from "@photochrom/core/node";

const [photo, output, network = "photochrom_fast.onnx"] = process.argv.slice(2);
const colorizer = await openColorizer({ network: await readFile(network) });
const result = await colorizer.colorize(await readFile(photo));
await writeFile(output, await result.toBytes());
await colorizer.close();
