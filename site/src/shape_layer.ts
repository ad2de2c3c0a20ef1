/** Strokes and areas as they lie on the photo, and the one that is being drawn. */
import { find } from "@shared/js/dom.js";
import { spotsOf, type Mark } from "@shared/js/shapes.js";
import type { Photo } from "./photos";

const SVG = "http://www.w3.org/2000/svg";

function part(tag: string, attributes: Record<string, string | number>, ...children: Element[]): Element {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/** Draws the shapes of a photo; the open one stands out. */
export function showShapes(photo: Photo | undefined, open: Mark | undefined): void {
  const layer: SVGElement = find("shapes-drawn");
  layer.replaceChildren();
  if (!photo) return;
  layer.setAttribute("viewBox", `0 0 ${photo.opened.width} ${photo.opened.height}`);
  for (const hint of photo.settings.hints) {
    if (!hint.more) continue;
    const spots = spotsOf(hint).map(({ x, y, radius }) => part("circle", { cx: x, cy: y, r: radius }));
    layer.append(part("g", { class: hint === open ? "open" : "", fill: hint.color || "#fff" }, ...spots));
  }
}

/** Draws the path that a finger is on, in shares of the photo, over the shapes; an empty one takes it away. */
export function showPath(photo: Photo, path: { x: number; y: number }[], closed: boolean): void {
  const layer: SVGElement = find("shapes-drawn");
  for (const old of layer.querySelectorAll("polyline, polygon")) old.remove();
  if (!path.length) return;
  const points = path.map(({ x, y }) => `${x * photo.opened.width},${y * photo.opened.height}`).join(" ");
  const tag = closed ? "polygon" : "polyline";
  layer.append(part(tag, { points }), part(tag, { points, class: "over" }));
}
