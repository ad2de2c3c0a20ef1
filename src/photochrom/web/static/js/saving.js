// Taking results home: one photo in its own format or as PNG, its project, or all photos in one zip.
import { complain, say } from "./alerts.js";
import { startZip } from "./batch.js";
import { download, find } from "./dom.js";
import { recall, remember } from "./memory.js";
import { call } from "./server.js";
import { startCopies } from "./copies.js";
import { session } from "./session.js";
import { toOptions } from "./settings.js";
import { onLanguage, text } from "./texts.js";

/** The name the server gives a file, in its plain or its encoded form. @param {string | null} header @param {string} otherwise */
function nameOf(header, otherwise) {
  const encoded = /filename\*=UTF-8''([^;]+)/i.exec(header ?? "")?.[1];
  if (encoded) return decodeURIComponent(encoded);
  return /filename="?([^";]+)"?/i.exec(header ?? "")?.[1] ?? otherwise;
}

/** @param {string} path under the photo @param {any} json @param {string} otherwise a name */
async function save(path, json, otherwise) {
  const item = session.current;
  if (!item?.facts) return;
  item.history.commit();
  say(text("saving", { name: item.name }));
  find("save").disabled = true;
  try {
    const answer = await call("POST", `photos/${item.facts.id}/${path}`, { json: { options: toOptions(item.history.settings), ...json } });
    const url = URL.createObjectURL(await answer.blob());
    const name = nameOf(answer.headers.get("Content-Disposition"), otherwise);
    download(url, name);
    setTimeout(() => URL.revokeObjectURL(url), 60_000); // browsers begin a download some time after the click
    say(text("saved", { name }));
  } catch (error) {
    complain(error);
  }
  draw();
}

const LOSSY = ["JPEG", "WEBP", "AVIF", "HEIF"];
/** What is asked of a format that has a quality. @param {string} format */
const qualityOf = (format) => (LOSSY.includes(format) && find("save-quality").value ? { quality: Number(find("save-quality").value) } : {});

export const saveSource = () => {
  const item = session.current;
  if (item?.kind === "film") return item.job?.result ? find("film-save")?.click() : undefined;
  return save("colorize", { output: "file", ...qualityOf(item?.facts?.format) }, item?.name ?? "");
};
/** @param {string} format */
const saveAs = (format) => save("colorize", { output: "file", format, ...qualityOf(format) }, `${session.current?.name}.${format.toLowerCase()}`);
const saveProject = () => save("projects/export", {}, `${session.current?.name}.photochrom.json`);

function draw() {
  const item = session.current;
  const photo = Boolean(item?.facts);
  find("saving").hidden = !item || (item.kind === "film" && item.state !== "done");
  find("save").disabled = item?.kind === "photo" && !photo;
  find("save-more").disabled = !photo;
  find("save-more").hidden = item?.kind === "film";
  find("save-source-text").textContent = text("save.source", { format: item?.facts?.format ?? "" });
  find("save-all").hidden = session.photos.length < 2;
}

export function startSaving() {
  const menu = find("save-menu");
  const close = (/** @type {() => unknown} */ action) => () => {
    menu.hidePopover();
    action();
  };
  find("save-quality").value = recall("quality") ?? "";
  find("save-quality").addEventListener("change", () => remember("quality", find("save-quality").value || null));
  find("save").addEventListener("click", saveSource);
  find("save-source").addEventListener("click", close(saveSource));
  for (const button of menu.querySelectorAll("[data-format]")) button.addEventListener("click", close(() => saveAs(button.dataset.format)));
  startCopies(close);
  find("save-project").addEventListener("click", close(saveProject));
  find("save-all").addEventListener("click", close(startZip));
  find("strip-save-all").addEventListener("click", startZip);
  session.on(["current", "items"], draw);
  onLanguage(draw);
}
