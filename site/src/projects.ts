/** Project files, the same as those of `photochrom serve` and `photochrom colorize`: settings of a photo, without its pixels. */
import { complain, say } from "@shared/js/alerts.js";
import { find, make } from "@shared/js/dom.js";
import { anchor } from "@shared/js/menu.js";
import { flatten, gather, type Mark } from "@shared/js/shapes.js";
import { text } from "@shared/js/texts.js";
import { ask, Refusal } from "./client";
import { photos, type Photo } from "./photos";
import { download } from "./saving";

/** Of the format, as `photochrom.project.schema` has it. Version 1 is older than this page. */
const VERSION = 2;
/** How a project file's name ends. */
const SUFFIX = ".photochrom.json";

interface Project {
  photochrom_project: number;
  source: { name: string; sha256: string; size: number; path: string | null };
  model: { name: string; sha256: string };
  options: Record<string, unknown>;
  reference: unknown;
}

async function digest(file: Blob): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

const network = (): ReturnType<typeof ask<"start">> => ask("start", { base: new URL(".", document.baseURI).href });

/** Returns what a project file of a photo says. */
async function describe({ file, settings }: Photo): Promise<Project> {
  const { name, sha256 } = await network();
  const { vividness, strength, palette, variation } = settings;
  const hints = flatten(settings.hints.filter(({ color }) => color));
  const options = { vividness, strength, input_size: null, palette, auto_contrast: false, salvage: false, hints, variation: variation ?? null };
  const source = { name: file.name, sha256: await digest(file), size: file.size, path: null };
  return { photochrom_project: VERSION, source, model: { name, sha256 }, options, reference: null };
}

async function save(photo: Photo): Promise<void> {
  try {
    const words = `${JSON.stringify(await describe(photo), null, 1)}\n`;
    const name = `${photo.file.name.replace(/\.[^.]*$/, "")}${SUFFIX}`;
    download(new Blob([words], { type: "application/json" }), name);
    say(text("saved", { name }));
  } catch (error) {
    complain(error);
  }
}

/** Reads a project file. Throws what the reader is told where it cannot be used here. */
async function read(file: File): Promise<Project> {
  let project: Project;
  try {
    project = JSON.parse(await file.text()) as Project;
    if (typeof project.source.sha256 !== "string" || typeof project.options !== "object") throw new TypeError();
  } catch {
    throw new Refusal("project.unreadable", file.name, {});
  }
  const { sha256 } = await network();
  if (project.photochrom_project !== VERSION || project.model?.sha256 !== sha256) throw new Refusal("project.other_model", file.name, {});
  const { auto_contrast, salvage, input_size } = project.options;
  if (project.reference || auto_contrast || salvage || input_size) throw new Refusal("project.cannot", file.name, {});
  return project;
}

/** Returns a project's options as settings of its photo. */
function toSettings({ options }: Project, { width, height }: { width: number; height: number }): Photo["settings"] {
  const { vividness = 1, strength = 1, palette = [], hints = [], variation } = options as Partial<Photo["settings"]>;
  const marks = hints.map(({ x, y, radius = 0, color }: Mark) => ({ x, y, radius, color }));
  return { vividness, strength, palette, hints: gather(marks, Math.min(width, height)), ...(variation ? { variation } : {}) };
}

function apply(photo: Photo, project: Project): void {
  photo.settings = toSettings(project, photo.opened);
  photos.show(photo);
  void photos.color(photo);
  say(text("project.opened"));
}

async function open(file: File): Promise<void> {
  try {
    const project = await read(file);
    for (const photo of photos.all) {
      if (photo.file.size === project.source.size && (await digest(photo.file)) === project.source.sha256) return apply(photo, project);
    }
    askForPhoto(project);
  } catch (error) {
    complain(error);
  }
}

async function addWith(file: File, project: Project): Promise<void> {
  if ((await digest(file)) !== project.source.sha256) throw new Refusal("project.other_photo", file.name, {});
  const known = photos.all.length;
  await photos.add([file]);
  // a photo that cannot be read was refused by then
  if (photos.all.length > known) apply(photos.all[known], project);
}

function askForPhoto(project: Project): void {
  const dialog: HTMLDialogElement = find("project-dialog");
  const input: HTMLInputElement = make("input", { type: "file", accept: "image/*", hidden: true, id: "project-photo" });
  input.addEventListener("change", () => {
    dialog.close();
    const chosen = input.files?.[0];
    if (chosen) void addWith(chosen, project).catch(complain);
  });
  const button = (words: string, action: () => void, properties = {}): Node =>
    make("button", { type: "button", ...properties, on: { click: action } }, make("span", { text: words }));
  dialog.replaceChildren(make("div", { class: "inside" },
    make("h2", { id: "project-title", text: text("project.photo.title") }),
    make("p", { text: text("project.photo.text", { name: project.source.name }) }),
    make("div", { class: "ending" },
      button(text("dialog.cancel"), () => dialog.close()),
      button(text("project.photo.choose"), () => input.click(), { class: "primary", autofocus: true })),
    input));
  dialog.showModal();
}

export function startProjects(): void {
  const input: HTMLInputElement = find("project-file");
  input.addEventListener("change", () => {
    const file = input.files?.[0];
    input.value = "";
    if (file) void open(file);
  });
  for (const id of ["welcome-open", "open-project"]) find(id).addEventListener("click", () => input.click());
  find("save-project").addEventListener("click", () => photos.current && void save(photos.current));
  anchor("save-menu", "save-more");
}
