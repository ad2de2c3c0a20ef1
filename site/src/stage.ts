/** The photo: original under colours, the divider between them, zoom and pan. */
import { comparison } from "@shared/js/comparison.js";
import { find } from "@shared/js/dom.js";
import { number, onLanguage, percent, text } from "@shared/js/texts.js";
import { zoom } from "@shared/js/zoom.js";
import { hinting, placeHint, showPins } from "./hints";
import { photos, type Photo } from "./photos";
import type { Preview } from "./protocol";
import { showPath } from "./shape_layer";

/** Draws a picture on a canvas of its size. */
export function paint(canvas: HTMLCanvasElement, { rgba, height, width }: Preview): void {
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  canvas.getContext("2d")!.putImageData(new ImageData(rgba, width, height), 0, 0);
}

function showPhoto(): void {
  const photo = photos.current;
  document.body.classList.toggle("empty", !photo);
  find("welcome").hidden = !!photo;
  find("desk").hidden = !photo;
  find("saving").hidden = !photo;
  if (!photo) return;
  paint(find("before"), photo.opened.preview);
  find("after").hidden = true;
  if (photo.colored) paint(find("after"), photo.colored.preview);
  find("after").hidden = !photo.colored;
  zoom.open(photo.opened);
  comparison.use(!hinting.on && !!photo.colored);
  showPins();
}

function showColors(event: Event): void {
  const photo = (event as CustomEvent<Photo>).detail;
  if (photo !== photos.current || !photo.colored) return;
  paint(find("after"), photo.colored.preview);
  find("after").hidden = false;
  comparison.use(!hinting.on);
  find("status").textContent = text("stage.done", { name: photo.file.name });
}

function showState(): void {
  const photo = photos.current;
  find("working").hidden = photo?.state !== "coloring";
  find("working-text").textContent = text("stage.working");
  find("save").disabled = photo?.state !== "ready";
  const sure = photo?.colored?.confidence;
  find("sure").textContent = sure === undefined ? "" : text("stage.sure", { percent: percent(sure) });
  if (!photo) return;
  const { width, height, format } = photo.opened;
  const kept = ["JPEG", "PNG", "WEBP"].includes(format);
  find("metadata-lost").hidden = kept;
  find("metadata-lost").textContent = kept ? "" : text("site.metadata_lost", { format });
  const name = document.createElement("b");
  name.textContent = photo.file.name;
  const facts = document.createElement("span");
  facts.textContent = text("facts.photo", { width: number(width), height: number(height), format });
  find("facts").replaceChildren(name, facts);
}

/** Switches between comparing and placing hints. */
export function useTool(hints: boolean): void {
  hinting.on = hints;
  find("tool-compare").setAttribute("aria-pressed", String(!hints));
  find("tool-hint").setAttribute("aria-pressed", String(hints));
  find("view").classList.toggle("placing", hints);
  find("shapes").hidden = !hints;
  // the shapes take a row of their own on a phone, and the photo must still be seen whole
  if (photos.current) zoom.place();
  comparison.use(!hints && !!photos.current?.colored);
  showPins();
}

function useShape(shape: typeof hinting.shape): void {
  hinting.shape = shape;
  for (const button of find("shapes").querySelectorAll("button")) button.setAttribute("aria-pressed", String(button.dataset.shape === shape));
  find("status").textContent = text(`hints.tap.${shape}`);
}

/** A press is a click while it has not moved by more than this, pixels. */
const STILL = 5;

function startPointer(): void {
  const view: HTMLElement = find("view");
  let held: { x: number; y: number; cut: boolean; moved: boolean; path: { x: number; y: number }[] } | undefined;
  const drop = (): void => {
    if (held?.path.length && photos.current) showPath(photos.current, [], false);
    held = undefined;
  };
  view.addEventListener("pointerdown", (event) => {
    if (event.button || (event.target as Element).closest(".pin")) return;
    // a second finger draws nothing, and what the first began was none
    if (!event.isPrimary) return drop();
    view.setPointerCapture(event.pointerId);
    const onHandle = !!(event.target as Element).closest("#slider");
    held = { x: event.clientX, y: event.clientY, cut: onHandle || (comparison.on && !zoom.close), moved: false, path: [] };
  });
  view.addEventListener("pointermove", (event) => {
    if (!held) return;
    held.moved ||= Math.hypot(event.clientX - held.x, event.clientY - held.y) > STILL;
    if (held.cut) comparison.move(100 * zoom.locate(event).x);
    else if (held.moved && hinting.on && hinting.shape !== "point") draw(held, event);
    else if (held.moved) {
      zoom.pan(event.clientX - held.x, event.clientY - held.y);
      [held.x, held.y] = [event.clientX, event.clientY];
    }
  });
  const draw = ({ x, y, path }: NonNullable<typeof held>, event: PointerEvent): void => {
    if (!path.length) path.push(zoom.locate({ clientX: x, clientY: y }));
    path.push(zoom.locate(event));
    if (photos.current) showPath(photos.current, path, hinting.shape === "area");
  };
  const end = (event: PointerEvent): void => {
    const place = zoom.locate(event);
    const inside = place.x >= 0 && place.x <= 1 && place.y >= 0 && place.y <= 1;
    const path = held?.path ?? [];
    const tapped = held && !held.moved && inside;
    drop();
    if (hinting.on && (path.length || tapped)) placeHint(path.length ? path : [place]);
  };
  view.addEventListener("pointerup", end);
  view.addEventListener("pointercancel", drop);
  view.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      const box = view.getBoundingClientRect();
      zoom.by(Math.exp(-event.deltaY / 300), { x: event.clientX - box.left, y: event.clientY - box.top });
    },
    { passive: false },
  );
  view.addEventListener("keydown", (event) => {
    if (event.target !== view) return;
    if (event.key === "Enter" && hinting.on) placeHint([{ x: 0.5, y: 0.5 }]);
    const keys: Record<string, () => void> = { "+": () => zoom.in(), "-": () => zoom.out(), "0": () => zoom.fit() };
    keys[event.key]?.();
  });
}

export function startStage(): void {
  startPointer();
  photos.addEventListener("shown", showPhoto);
  photos.addEventListener("colored", showColors);
  photos.addEventListener("changed", showState);
  onLanguage(showState);
  find("tool-compare").addEventListener("click", () => useTool(false));
  find("tool-hint").addEventListener("click", () => useTool(true));
  for (const button of find("shapes").querySelectorAll("button")) button.addEventListener("click", () => useShape(button.dataset.shape));
  find("zoom-in").addEventListener("click", () => zoom.in());
  find("zoom-out").addEventListener("click", () => zoom.out());
  find("zoom-fit").addEventListener("click", () => zoom.fit());
  addEventListener("resize", () => photos.current && zoom.place());
}
