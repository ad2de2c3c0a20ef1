// Where the photo lies in the view: fitted, or larger and moved. Everything on it is placed in shares of its size.
import { clamp, find } from "./dom.js";
import { percent } from "./texts.js";

const MARGIN = 20; // pixels around a fitted photo
const STEP = 1.3;
const BEYOND = 0.3; // of the view, that a closer photo's edge may move inwards
const DEEPEST = 12; // screen pixels for one of the photo

class Zoom extends EventTarget {
  photo = { width: 1, height: 1 };
  level = 1; // times the fitted size
  x = 0; // of the sheet's corner in the view
  y = 0;

  /** @param {{width: number, height: number}} photo its size in its own pixels */
  open({ width, height }) {
    this.photo = { width, height };
    this.fit();
  }

  get view() { return find("view").getBoundingClientRect(); }

  get fitted() {
    const { width, height } = this.view;
    const margin = width < 500 ? 10 : MARGIN;
    // a small photo is enlarged a little, not blown up
    return clamp(Math.min((width - 2 * margin) / this.photo.width, (height - 2 * margin) / this.photo.height), 0.001, 2.5);
  }

  get scale() { return this.fitted * this.level; }
  get width() { return this.photo.width * this.scale; }
  get height() { return this.photo.height * this.scale; }
  get deepest() { return Math.max(DEEPEST / this.fitted, 4); }
  get close() { return this.level > 1.001; }

  fit() {
    this.level = 1;
    this.place();
  }

  /** Zoom and keep a place of the view where it is. @param {number} factor @param {{x: number, y: number}} [around] in the view */
  by(factor, around) {
    const { width, height } = this.view;
    const { x, y } = around ?? { x: width / 2, y: height / 2 };
    const level = clamp(this.level * factor, 1, this.deepest);
    const ratio = level / this.level;
    this.level = level;
    this.x = x - (x - this.x) * ratio;
    this.y = y - (y - this.y) * ratio;
    this.place();
  }

  /** A pixel of the photo for each of the screen. */
  real() { this.by(1 / (this.scale * devicePixelRatio)); }
  in() { this.by(STEP); }
  out() { this.by(1 / STEP); }

  /** @param {number} dx @param {number} dy */
  pan(dx, dy) {
    this.x += dx;
    this.y += dy;
    this.place();
  }

  /** Bring a place of the photo into sight. @param {number} px @param {number} py shares of its size */
  reveal(px, py) {
    const { width, height } = this.view;
    const [x, y] = [this.x + px * this.width, this.y + py * this.height];
    const edge = 40;
    this.pan(clamp(x, Math.min(edge, width / 2), Math.max(width - edge, width / 2)) - x, clamp(y, Math.min(edge, height / 2), Math.max(height - edge, height / 2)) - y);
  }

  place() {
    const view = this.view;
    this.x = this.#hold(this.x, this.width, view.width);
    this.y = this.#hold(this.y, this.height, view.height);
    const sheet = find("sheet");
    sheet.style.width = `${this.width}px`;
    sheet.style.height = `${this.height}px`;
    sheet.style.transform = `translate(${this.x}px, ${this.y}px)`;
    find("view").classList.toggle("zoomed", this.close);
    find("zoom-fit").textContent = percent(this.scale);
    find("zoom-out").disabled = !this.close;
    find("zoom-in").disabled = this.level >= this.deepest;
    this.dispatchEvent(new Event("placed"));
  }

  /** Centred while all of it is seen; else free, but never out of sight. @param {number} at @param {number} size @param {number} room */
  #hold(at, size, room) {
    if (!this.close) return (room - size) / 2;
    return clamp(at, Math.min(0, room - size) - BEYOND * room, Math.max(0, room - size) + BEYOND * room);
  }

  /** A place on the screen in shares of the photo. @param {{clientX: number, clientY: number}} event */
  locate({ clientX, clientY }) {
    const view = this.view;
    return { x: (clientX - view.left - this.x) / this.width, y: (clientY - view.top - this.y) / this.height };
  }
}

export const zoom = new Zoom();
