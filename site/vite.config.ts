import { fileURLToPath } from "node:url";
import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { defineConfig, type Plugin } from "vite";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Writes the service worker, with the list of the page's files and a version that changes with any of them. */
function serviceWorker(): Plugin {
  return {
    name: "photochrom-service-worker",
    apply: "build",
    generateBundle(_, bundle) {
      const own = Object.keys(bundle);
      const copied = readdirSync(here("public"), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => `${entry.parentPath}/${entry.name}`.slice(here("public").length + 1))
        // what is large is got once, by the page's worker, which keeps it
        .filter((name) => !name.endsWith(".gz.bin"));
      const hash = createHash("sha256");
      for (const name of copied) hash.update(readFileSync(here(`public/${name}`)));
      for (const name of own) {
        const part = bundle[name];
        hash.update(name).update(part.type === "chunk" ? part.code : part.source);
      }
      const source = readFileSync(here("src/service_worker.js"), "utf8")
        .replace('"VERSION"', JSON.stringify(hash.digest("hex").slice(0, 16)))
        .replace('["FILES"]', JSON.stringify(["./", ...own.filter((name) => name !== "index.html"), ...copied]));
      this.emitFile({ type: "asset", fileName: "service_worker.js", source });
    },
  };
}

/** Puts the icons of `photochrom serve` into the page, so that showing one asks nobody for it. */
function icons(): Plugin {
  return {
    name: "photochrom-icons",
    transformIndexHtml(html) {
      const sheet = readFileSync(here("../src/photochrom/web/static/icons.svg"), "utf8");
      const named = sheet.replace(/<symbol id="/g, '<symbol id="icon-').replace("<svg ", "<svg hidden ");
      return html.replace("<!-- icons -->", named);
    },
  };
}

const runtime = JSON.parse(readFileSync(here("../node_modules/onnxruntime-web/package.json"), "utf8")) as { version: string };

export default defineConfig({
  define: { RUNTIME: JSON.stringify(runtime.version) },
  // any folder of any host
  base: "./",
  root: here("."),
  resolve: {
    // onnxruntime's own files lie in runtime/, not in the bundle
    conditions: ["onnxruntime-web-use-extern-wasm", "module", "browser", "production", "import", "default"],
    alias: [
      { find: "@shared", replacement: here("../src/photochrom/web/static") },
      // the service's page asks for its words, this one has them within
      { find: /^\.\/languages\.js$/, replacement: here("src/languages.ts") },
    ],
  },
  server: { fs: { allow: [here("..")] } },
  worker: { format: "es" },
  build: {
    outDir: here("../src/photochrom/private_edition/page"),
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  plugins: [icons(), serviceWorker()],
});
