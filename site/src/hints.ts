/** Pins on the photo, their list, and the small window that gives one its colour. */
import { nameKey, parseHex } from "@shared/js/color.js";
import { find, iconButton, make } from "@shared/js/dom.js";
import { makeField } from "@shared/js/field.js";
import { areaOf, kindOf, strokeOf, type Mark } from "@shared/js/shapes.js";
import { onLanguage, percent, text } from "@shared/js/texts.js";
import { ask, refuse } from "./client";
import { photos, type Photo } from "./photos";
import { showShapes } from "./shape_layer";

/** Whether presses on the photo make hints, and of which shape. */
export const hinting = { on: false, shape: "point" as "point" | "stroke" | "area" };

/** Of a point and along a stroke, in short sides: a finger's tip, not a pixel. */
const REACH = 1 / 50;

let open: Mark | undefined;

/** Draws the pins and their list anew. */
export function showPins(): void {
  const photo = photos.current;
  const hints = photo?.settings.hints ?? [];
  find("pins").replaceChildren(...hints.map((hint, i) => makePin(photo!, hint, i)));
  find("hints").replaceChildren(...hints.map((hint, i) => makeRow(photo!, hint, i)));
  showShapes(photo, open);
}

function label(hint: Mark, index: number): string {
  if (!hint.color) return text("hints.new");
  return text(`hints.item.${kindOf(hint)}`, { number: index + 1, color: text(nameKey(hint.color)) });
}

function makePin(photo: Photo, hint: Mark, index: number): HTMLElement {
  const state = `pin${hint === open ? " open" : ""}${hint.color ? "" : " pending"}`;
  const pin = make("button", { type: "button", class: state, "aria-label": label(hint, index) }) as HTMLElement;
  pin.style.left = `${(100 * hint.x) / photo.opened.width}%`;
  pin.style.top = `${(100 * hint.y) / photo.opened.height}%`;
  if (hint.color) pin.style.setProperty("--color", hint.color);
  pin.addEventListener("click", () => edit(photo, hint));
  pin.addEventListener("keydown", (event) => event.key === "Delete" && remove(photo, hint));
  return pin;
}

function makeRow(photo: Photo, hint: Mark, index: number): HTMLElement {
  const dot = make("span", { class: "dot" }) as HTMLElement;
  dot.style.setProperty("--color", hint.color || "transparent");
  const choose = make("button", { type: "button", class: "edit" }, dot, make("span", { text: label(hint, index) }));
  choose.addEventListener("click", () => edit(photo, hint));
  const away = iconButton("trash", text("hints.delete", { number: index + 1 }), () => remove(photo, hint), "delete");
  return make("li", {}, choose, away);
}

/** Makes a hint of what was drawn, shares of the photo, and opens it; of one place it is a point. */
export function placeHint(path: { x: number; y: number }[]): void {
  const photo = photos.current;
  if (!photo) return;
  const { width, height } = photo.opened;
  const side = Math.min(width, height);
  const within = (share: number): number => Math.min(Math.max(share, 0), 1);
  const places = path.map(({ x, y }) => ({ x: within(x) * width, y: within(y) * height }));
  const radius = Math.round(side * REACH);
  // an area too small to hold anything is a point, as a click is
  const area = places.length > 1 && hinting.shape === "area" ? areaOf(places, side) : null;
  const drawn = area ?? strokeOf(hinting.shape === "stroke" ? places : places.slice(0, 1), radius);
  const hint: Mark = { ...drawn, color: "" };
  photo.settings.hints.push(hint);
  find("status").textContent = text("hints.placed");
  edit(photo, hint);
}

function remove(photo: Photo, hint: Mark): void {
  const { hints } = photo.settings;
  hints.splice(hints.indexOf(hint), 1);
  close();
  if (hint.color) void photos.color(photo);
}

function close(): void {
  const photo = photos.current;
  // a hint that was given no colour is none
  if (photo) photo.settings.hints = photo.settings.hints.filter((hint) => hint.color);
  open = undefined;
  find("editor").hidden = true;
  showPins();
}

/** The colour of the photo's own gray at a place, as it is shown. */
function seenAt(photo: Photo, hint: Mark): string {
  const { rgba, width, height } = photo.opened.preview;
  const x = Math.min(Math.floor((hint.x / photo.opened.width) * width), width - 1);
  const y = Math.min(Math.floor((hint.y / photo.opened.height) * height), height - 1);
  const at = 4 * (y * width + x);
  return "#" + [0, 1, 2].map((c) => rgba[at + c].toString(16).padStart(2, "0")).join("");
}

function edit(photo: Photo, hint: Mark): void {
  if (open && open !== hint) close();
  open = hint;
  showPins();
  const editor: HTMLElement = find("editor");
  const seen = seenAt(photo, hint);
  const code = make("input", { type: "text", id: "hint-code", maxlength: 7, spellcheck: "false" }) as HTMLInputElement;
  const wrong = make("p", { class: "wrong", role: "status" });
  const choose = (color: string, final: boolean): void => {
    hint.color = color;
    code.value = color;
    wrong.textContent = "";
    if (final) {
      showPins();
      void photos.color(photo);
    }
  };
  const field = makeField({ color: hint.color || seen, onchange: choose });
  field.show(hint.color || seen, seen);
  code.value = hint.color;
  code.addEventListener("change", () => {
    if (!parseHex(code.value) || !code.value.startsWith("#")) {
      wrong.textContent = text("editor.hex.wrong");
      return;
    }
    choose(code.value, true);
    field.show(code.value, seen);
  });
  const swatches = make("div", { class: "swatches" }) as HTMLElement;
  const end = make("div", { class: "ending" },
    make("button", { type: "button", text: text("editor.delete"), on: { click: () => remove(photo, hint) } }),
    make("button", { type: "button", class: "primary", text: text("editor.done"), on: { click: close } }),
  );
  editor.replaceChildren(
    make("div", { class: "head" }, make("h2", { id: "editor-title", text: text("editor.title") }), iconButton("close", text("editor.close"), close)),
    make("div", { class: "likely" }, make("h3", { text: text("editor.suggestions") }), swatches),
    field.element,
    make("div", { class: "row" }, make("label", { for: "hint-code", text: text("editor.hex") }), code),
    wrong,
    end,
  );
  editor.hidden = false;
  swatches.append(make("span", { class: "spinner", "aria-hidden": "true" }));
  const question = { id: photo.id, file: photo.file, settings: photos.settingsOf(photo), x: hint.x, y: hint.y };
  ask("suggest", question, photo.file.name).then(
    (found) => {
      if (open !== hint) return;
      swatches.replaceChildren(...found.map(({ color, probability }) => {
        const chance = percent(probability);
        const named = text("editor.suggestion", { color: text(nameKey(color)), chance: likely(probability), percent: chance });
        const swatch = make("button", { type: "button", class: "swatch", "aria-label": named, title: named, text: chance }) as HTMLElement;
        swatch.style.setProperty("--color", color);
        swatch.addEventListener("click", () => {
          choose(color, true);
          field.show(color, seen);
        });
        return swatch;
      }));
      swatches.querySelector("button")?.focus();
    },
    (error: unknown) => {
      swatches.replaceChildren();
      refuse(error);
    },
  );
}

const likely = (probability: number): string => {
  const kind = probability > 0.5 ? "high" : probability > 0.25 ? "middle" : probability > 0.1 ? "low" : "rare";
  return text(`editor.chance.${kind}`);
};

export function startHints(useTool: (hints: boolean) => void): void {
  onLanguage(showPins);
  find("editor").addEventListener("keydown", (event: KeyboardEvent) => event.key === "Escape" && close());
  photos.addEventListener("shown", close);
  find("hints-add").addEventListener("click", () => {
    useTool(true);
    find("view").focus();
    find("status").textContent = text(`hints.tap.${hinting.shape}`);
  });
}
