/** The palette: colours that should appear in the photo. Its look is that of the page of `photochrom serve`. */
import { nameKey } from "@shared/js/color.js";
import { find, icon, iconButton, make } from "@shared/js/dom.js";
import { onLanguage, text } from "@shared/js/texts.js";
import { photos, type Photo } from "./photos";

/** Colours of a palette at most, and what the chooser shows first. */
const MOST = 16;
const FIRST = "#8a5a3c";

function draw(): void {
  const photo = photos.current;
  const colors = photo?.settings.palette ?? [];
  const rows = photo ? colors.map((color, index) => makeSwatch(photo, color, index)) : [];
  if (photo && colors.length < MOST) rows.push(makeAdder(photo));
  find("palette").replaceChildren(...rows);
}

function change(photo: Photo, palette: string[]): void {
  photo.settings.palette = palette;
  draw();
  void photos.color(photo);
}

function makeSwatch(photo: Photo, color: string, index: number): HTMLElement {
  const { palette } = photo.settings;
  const name = text(nameKey(color));
  const label = text("guide.palette.change", { color: name });
  const input = make("input", { type: "color", value: color, "aria-label": label, title: label }) as HTMLInputElement;
  input.addEventListener("change", () => change(photo, palette.with(index, input.value)));
  const away = iconButton("close", text("guide.palette.remove", { color: name }), () => {
    change(photo, palette.toSpliced(index, 1));
    find("palette").querySelector("label input")?.focus();
  });
  return make("li", {}, input, away);
}

function makeAdder(photo: Photo): HTMLElement {
  const label = text("guide.palette.add");
  const input = make("input", { type: "color", value: FIRST, id: "palette-add", "aria-label": label }) as HTMLInputElement;
  input.addEventListener("change", () => change(photo, [...photo.settings.palette, input.value]));
  return make("li", {}, make("label", { title: label }, icon("plus"), input));
}

export function startPalette(): void {
  photos.addEventListener("shown", draw);
  onLanguage(draw);
}
