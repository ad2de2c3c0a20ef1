/** The filmstrip: every photo of this visit. */
import { find, icon, iconButton, make } from "@shared/js/dom.js";
import { onLanguage, text } from "@shared/js/texts.js";
import { photos, type Photo } from "./photos";
import type { Preview } from "./protocol";

/** Longest side of a small picture, pixels. */
const SIDE = 144;

/** Kept as long as what they show, because every change of one photo draws the strip of all. */
const drawn = new WeakMap<Preview, HTMLCanvasElement>();

function drawSmall(preview: Preview): HTMLCanvasElement {
  const known = drawn.get(preview);
  if (known) return known;
  const { rgba, width, height } = preview;
  const canvas = document.createElement("canvas");
  const scale = SIDE / Math.max(width, height);
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const step = 1 / scale;
  const image = new ImageData(canvas.width, canvas.height);
  const from = new Uint32Array(rgba.buffer, rgba.byteOffset, width * height);
  const to = new Uint32Array(image.data.buffer);
  for (let y = 0; y < canvas.height; y++) {
    const row = Math.min(Math.floor((y + 0.5) * step), height - 1) * width;
    for (let x = 0; x < canvas.width; x++) to[y * canvas.width + x] = from[row + Math.min(Math.floor((x + 0.5) * step), width - 1)];
  }
  canvas.getContext("2d")!.putImageData(image, 0, 0);
  drawn.set(preview, canvas);
  return canvas;
}

function makeCard(photo: Photo): HTMLElement {
  const canvas = drawSmall(photo.colored?.preview ?? photo.opened.preview);
  const label = text("strip.item", { name: photo.file.name, state: text(`state.${photo.state}`) });
  const show = make("button", { type: "button", class: "show", "aria-label": label, title: label }, canvas);
  if (photo === photos.current) show.setAttribute("aria-current", "true");
  show.addEventListener("click", () => photos.show(photo));
  const state = make("span", { class: `state ${photo.state}`, "aria-hidden": "true" });
  if (photo.state === "coloring") state.append(make("span", { class: "spinner" }));
  if (photo.state === "failed") state.append(icon("warning"));
  const away = iconButton("close", text("strip.remove", { name: photo.file.name }), () => photos.remove(photo), "remove");
  return make("li", { class: "card" }, show, state, away);
}

export function startStrip(choose: () => void): void {
  const draw = (): void => {
    const add = make("button", { type: "button", class: "add", "aria-label": text("strip.add.full") }, icon("plus"), make("span", { text: text("strip.add") }));
    add.addEventListener("click", choose);
    find("cards").replaceChildren(...photos.all.map(makeCard), make("li", {}, add));
    find("together").hidden = photos.all.length < 2;
  };
  photos.addEventListener("changed", draw);
  onLanguage(draw);
}
