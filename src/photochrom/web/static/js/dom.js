// Making and finding elements; nothing here knows about photos.

/** @type {(id: string) => any} */
export const find = (id) => document.getElementById(id);

/**
 * Make an element.
 * @param {string} tag
 * @param {Record<string, any>} [properties] attributes; `text`, `on` (listeners) and boolean attributes are understood
 * @param {...(Node | string | null)} children
 * @returns {any}
 */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "text") element.textContent = value;
    else if (name === "on") for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** Save what a URL leads to. @param {string} url @param {string} name */
export function download(url, name) {
  const link = make("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
}

const SVG = "http://www.w3.org/2000/svg";

/** @param {string} name a symbol of icons.svg */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  // a page that has the icons within says by what their names begin
  use.setAttribute("href", `${document.body.dataset.icons ?? "static/icons.svg#"}${name}`);
  svg.append(use);
  return svg;
}

/**
 * A button with an icon that is named by its label alone.
 * @param {string} name @param {string} label @param {(event: any) => void} action @param {string} [kind] its class
 */
export function iconButton(name, label, action, kind = "square") {
  return make("button", { type: "button", class: kind, "aria-label": label, title: label, on: { click: action } }, icon(name));
}

/** @type {(value: number, low: number, high: number) => number} */
export const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

export const onPhone = matchMedia("(max-width: 700px)");
