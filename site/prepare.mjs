// Puts what the page needs besides its own source into public/: icon and sample of `photochrom serve`, and onnxruntime.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const shared = join(here, "../src/photochrom/web/static");
const out = join(here, "public");
rmSync(out, { recursive: true, force: true });
mkdirSync(join(out, "static"), { recursive: true });
mkdirSync(join(out, "runtime"), { recursive: true });
for (const name of ["icon.svg", "sample.jpg"]) cpSync(join(shared, name), join(out, "static", name));
for (const name of ["manifest.webmanifest", "icon-192.png", "icon-512.png"]) cpSync(join(here, "assets", name), join(out, name));

const runtime = dirname(createRequire(import.meta.url).resolve("onnxruntime-web/ort-wasm-simd-threaded.wasm"));
cpSync(join(runtime, "ort-wasm-simd-threaded.mjs"), join(out, "runtime/ort.mjs"));
// packed here, because not every host packs what it sends
const packed = gzipSync(readFileSync(join(runtime, "ort-wasm-simd-threaded.wasm")), { level: 9 });
const { version } = JSON.parse(readFileSync(join(runtime, "../package.json"), "utf8"));
writeFileSync(join(out, `runtime/ort-${version}.wasm.gz.bin`), packed);
