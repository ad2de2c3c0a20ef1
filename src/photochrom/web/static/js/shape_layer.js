// Strokes and areas as they lie on the photo, and the one being drawn.
import { brush } from "./brush.js";
import { find } from "./dom.js";
import { hints } from "./hints.js";
import { session } from "./session.js";
import { spotsOf } from "./shapes.js";
import { stage } from "./stage.js";

const SVG = "http://www.w3.org/2000/svg";

/** @param {string} tag @param {Record<string, any>} attributes @param {Element[]} children */
function part(tag, attributes, children = []) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

function draw() {
  const { photo } = hints;
  const layer = find("shapes-drawn");
  if (!photo) return layer.replaceChildren();
  const { width, height } = photo;
  layer.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const drawn = [...hints.all, ...(hints.pending ? [hints.pending] : [])].map((hint, index) => ({ hint, index })).filter(({ hint }) => hint.more);
  const groups = drawn.map(({ hint, index }) => {
    const circles = spotsOf(hint).map(({ x, y, radius }) => part("circle", { cx: x, cy: y, r: radius }));
    const color = "color" in hint ? hint.color : "#fff";
    return part("g", { class: index === hints.open ? "open" : "", fill: color }, circles);
  });
  const { path } = brush;
  const points = path.map(({ x, y }) => `${x * width},${y * height}`).join(" ");
  const line = path.length ? [part(stage.shape === "area" ? "polygon" : "polyline", { points }), part(stage.shape === "area" ? "polygon" : "polyline", { points, class: "over" })] : [];
  layer.replaceChildren(...groups, ...line);
}

export function startShapeLayer() {
  session.on(["settings", "current", "items"], draw);
  hints.addEventListener("change", draw);
  brush.addEventListener("drawn", draw);
}
