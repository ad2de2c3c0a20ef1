// Builds the page of `photochrom serve` for a quick first paint: one script, one sheet (and the dark one), and the page itself
// in each language, so that there is something to read before any script has come. The service takes it while it is of the same
// source as static/, and static/ as it is otherwise.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const source = fileURLToPath(new URL("../src/photochrom/web/static", import.meta.url));
const out = fileURLToPath(new URL("../src/photochrom/web/built", import.meta.url));
const codes = readdirSync(join(source, "texts")).filter((name) => name.endsWith(".js")).map((name) => basename(name, ".js"));
const texts = Object.fromEntries(await Promise.all(codes.map(async (code) => [code, (await import(pathToFileURL(join(source, `texts/${code}.js`)).href)).default])));

/** As the service counts it: every file that is built from, by its path. */
function digest() {
  const names = ["index.html", ...["css", "js", "texts"].flatMap((folder) => readdirSync(join(source, folder)).filter((name) => /\.(css|js)$/.test(name)).map((name) => `${folder}/${name}`))];
  const hash = createHash("sha256");
  for (const name of names.sort()) hash.update(name).update("\0").update(readFileSync(join(source, name)));
  return hash.digest("hex");
}

/** The languages are known, and English is within: only another one is a file of its own. */
const languages = {
  name: "languages",
  setup({ onLoad }) {
    onLoad({ filter: /\/js\/languages\.js$/ }, () => {
      const cases = codes.filter((code) => code !== "en").map((code) => `if (code === "${code}") return import("../texts/${code}.js");`);
      const names = JSON.stringify(Object.fromEntries(["en", ...codes.filter((code) => code !== "en")].map((code) => [code, texts[code].language])));
      const contents = `import en from "../texts/en.js";
        export const listLanguages = async () => (${names});
        export async function loadTexts(code) { ${cases.join("\n")} return { default: en }; }`;
      return { contents, loader: "js", resolveDir: join(source, "js") };
    });
  },
};

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const html = readFileSync(join(source, "index.html"), "utf8");
const sheets = [...html.matchAll(/<link rel="stylesheet" href="static\/(css\/[\w.]+)"( id="dark")?/g)];
const light = sheets.filter(([, , dark]) => !dark).map(([, path]) => `@import "./${path}";`).join("\n");
const common = { bundle: true, minify: true, write: true, metafile: true, target: "es2022", outdir: out, entryNames: "[name]-[hash]", chunkNames: "[name]-[hash]", logLevel: "warning" };
const results = [
  await build({ ...common, entryPoints: [join(source, "js/main.js")], format: "esm", splitting: true, plugins: [languages] }),
  await build({ ...common, entryPoints: [join(source, "css/dark.css")] }),
  await build({ ...common, stdin: { contents: light, resolveDir: source, loader: "css", sourcefile: "page.css" }, entryNames: "page-[hash]" }),
];
const outputs = results.flatMap(({ metafile }) => Object.entries(metafile.outputs)).map(([path, facts]) => ({ name: basename(path), facts }));
const named = (start) => outputs.find(({ name }) => name.startsWith(start)).name;
const script = outputs.find(({ facts }) => facts.entryPoint?.endsWith("js/main.js"));
// what the script imports before it runs comes along with it, not after it
const first = script.facts.imports.filter(({ kind }) => kind === "import-statement").map(({ path }) => basename(path));

const escape = (words) => words.replace(/[&<>]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[sign]);
for (const code of codes) {
  const own = outputs.find(({ facts }) => facts.entryPoint?.endsWith(`texts/${code}.js`))?.name;
  const preloads = [script.name, ...first, ...(own && code !== "en" ? [own] : [])].map((name) => `<link rel="modulepreload" href="built/${name}">`).join("\n  ");
  let seen = false;
  const page = html
    .replace(/ *<link rel="stylesheet" href="static\/css\/[\w.]+"( id="dark" media="[^"]+")?>\n/g, (_, dark) => {
      if (dark) return `  <link rel="stylesheet" href="built/${named("dark-")}"${dark}>\n`;
      if (seen) return "";
      seen = true;
      return `  <link rel="stylesheet" href="built/${named("page-")}">\n`;
    })
    .replace(/<script type="module" src="[^"]+"><\/script>/, `${preloads}\n  <script type="module" src="built/${script.name}"></script>`)
    .replace('<html lang="en">', `<html lang="${code}">`)
    .replace(/<title>[^<]*<\/title>/, `<title>${escape(texts[code].title)}</title>`)
    .replace(/(<(\w+)[^>]* data-text="([^"]+)"[^>]*>)<\/\2>/g, (_, start, tag, key) => `${start}${escape(texts[code][key])}</${tag}>`)
    // nothing is known of photos yet, so this is what is seen first in any case
    .replace(/(<section class="welcome"[^>]*) hidden>/, "$1>")
    .replace("<body>", '<body class="empty">');
  writeFileSync(join(out, `index.${code}.html`), page);
}
writeFileSync(join(out, "source.txt"), `${digest()}\n`);
