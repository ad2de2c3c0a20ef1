// What leads the colours of a whole photo: a palette, and a reference.
import { complain } from "./alerts.js";
import { nameKey } from "./color.js";
import { find, icon, iconButton, make } from "./dom.js";
import { recall, remember } from "./memory.js";
import { painter } from "./painter.js";
import { address, upload } from "./server.js";
import { isSent, session } from "./session.js";
import { modelOf } from "./settings.js";
import { list, onLanguage, text } from "./texts.js";

const GUIDES = /** @type {const} */ (["palette", "reference"]);
const MOST = 16;
const FIRST = "#8a5a3c";
let drawn = "";
let busy = false;

/** Ids of photos that only serve as references, which the filmstrip leaves out. */
export const references = () => new Set(recall("references") ?? []);

function draw() {
  const settings = session.settings;
  if (!settings) return;
  const model = modelOf(settings);
  const cannot = GUIDES.filter((guide) => !model?.[guide]).map((guide) => text(`guide.lacks.${guide}`));
  find("guide-note").hidden = !cannot.length;
  find("guide-note").textContent = cannot.length ? text("guide.not", { model: model?.name ?? "", things: list(cannot) }) : "";
  for (const guide of GUIDES) find(`${guide}-guide`).disabled = !model?.[guide] || isSent(session.current);
  const matches = settings.reference && painter.shown?.item === session.current ? painter.shown?.matches : null;
  find("reference-note").hidden = matches == null;
  find("reference-note").textContent = matches == null ? "" : matches ? text("guide.reference.matches", { n: matches }) : text("guide.reference.matches.none");
  const now = JSON.stringify([settings.palette, settings.reference, busy, document.documentElement.lang]);
  if (now === drawn) return;
  drawn = now;
  find("palette").replaceChildren(...settings.palette.map((color, index) => swatch(color, index)), ...(settings.palette.length < MOST ? [adder()] : []));
  find("reference").replaceChildren(...reference(settings.reference));
}

/** @param {string} color @param {number} index */
function swatch(color, index) {
  const name = text(nameKey(color));
  const label = text("guide.palette.change", { color: name });
  const input = make("input", { type: "color", value: color, "aria-label": label, title: label, on: {
    change: () => session.set({ palette: session.settings?.palette.map((old, at) => (at === index ? input.value : old)) }),
  } });
  return make("li", {}, input, iconButton("close", text("guide.palette.remove", { color: name }), () => {
    session.set({ palette: session.settings?.palette.filter((_, at) => at !== index) });
    find("palette").querySelector("label input")?.focus();
  }, ""));
}

function adder() {
  const input = make("input", { type: "color", value: FIRST, id: "palette-add", "aria-label": text("guide.palette.add"), on: {
    change: () => session.set({ palette: [...(session.settings?.palette ?? []), input.value] }),
  } });
  return make("li", {}, make("label", { title: text("guide.palette.add") }, icon("plus"), input));
}

/** @param {string | null} id */
function reference(id) {
  if (id === null) {
    const wait = busy ? make("span", { class: "spinner" }) : icon("photo");
    return [make("button", { type: "button", disabled: busy, id: "reference-choose", on: { click: () => find("reference-file").click() } }, wait, make("span", { text: text("guide.reference.choose") }))];
  }
  const image = make("img", { src: address(`photos/${id}/preview?max_size=320`), alt: text("guide.reference.alt") });
  return [image, iconButton("trash", text("guide.reference.remove"), () => {
    session.set({ reference: null });
    find("reference-choose").focus();
  })];
}

/** @param {File} file */
async function takeReference(file) {
  const form = new FormData();
  form.append("file", file);
  const item = session.current;
  busy = true;
  draw();
  try {
    const { id } = await upload("photos", form);
    remember("references", [...references(), id]);
    if (session.current === item) session.set({ reference: id });
  } catch (error) {
    complain(error);
  }
  busy = false;
  draw();
}

export function startGuides() {
  session.on(["current", "settings", "items"], draw);
  painter.addEventListener("painted", draw);
  onLanguage(draw);
  find("reference-file").addEventListener("change", () => {
    const [file] = find("reference-file").files;
    find("reference-file").value = "";
    if (file) takeReference(file);
  });
  const panel = find("panel-guide");
  panel.addEventListener("drop", (/** @type {DragEvent} */ event) => {
    const file = event.dataTransfer?.files[0];
    if (!file || find("reference-guide").disabled) return;
    event.preventDefault();
    event.stopPropagation(); // else it would be added as a photo of its own
    window.dispatchEvent(new Event("dropped"));
    takeReference(file);
  });
}
