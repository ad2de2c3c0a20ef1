// The hints of the shown photo and which one is being changed.
import { say } from "./alerts.js";
import { nameKey } from "./color.js";
import { clamp } from "./dom.js";
import { session } from "./session.js";
import { areaOf, kindOf, moved, round, strokeOf } from "./shapes.js";
import { isHere, kept, surfaceOf } from "./surface.js";
import { percent, text } from "./texts.js";

const REACH = 0.03; // of the short side, for a new hint

/** @typedef {import("./settings.js").Hint} Hint */

class Hints extends EventTarget {
  /** the hint whose window is open; the number after the last for one that has no colour yet @type {number | null} */
  open = null;
  /** what has no colour yet @type {Omit<Hint, "color"> | null} */
  pending = null;

  /** those of what is shown: of a film, of this shot */
  get all() {
    const item = session.current;
    return item ? item.history.settings.hints.filter((hint) => isHere(item, hint)) : [];
  }
  get photo() { return surfaceOf(session.current); }
  /** where the open hint is @type {(Omit<Hint, "color"> & {color?: string}) | null} */
  get place() { return this.open === null ? null : (this.all[this.open] ?? this.pending); }

  /** @param {{x: number, y: number}} share of the photo @returns {{x: number, y: number}} pixels, inside it */
  #pixels({ x, y }) {
    const { width, height } = this.photo;
    return { x: round(clamp(x, 0, 1) * width), y: round(clamp(y, 0, 1) * height) };
  }

  get #side() { return Math.min(this.photo.width, this.photo.height); }

  /** Begin a hint. @param {{x: number, y: number}} share of the photo */
  begin(share) {
    if (this.photo) this.#begin({ ...this.#pixels(share), radius: round(REACH * this.#side) });
  }

  /** Begin a hint along a path or within an outline. @param {"stroke" | "area"} shape @param {{x: number, y: number}[]} path shares of the photo */
  draw(shape, path) {
    if (!this.photo) return;
    const places = path.map((share) => this.#pixels(share));
    const drawn = shape === "area" ? areaOf(places, this.#side) : strokeOf(places, round(REACH * this.#side));
    if (drawn) this.#begin(drawn);
    else this.begin(path[0]); // an area too small to hold anything
  }

  /** @param {Omit<Hint, "color">} pending */
  #begin(pending) {
    this.pending = pending;
    this.open = this.all.length;
    this.#tell();
    say(text("hints.placed"));
  }

  /** @param {number} index */
  choose(index) {
    this.pending = null;
    this.open = index;
    this.#tell();
  }

  close() {
    if (this.open === null) return;
    session.commit();
    this.open = null;
    this.pending = null;
    this.#tell();
  }

  /** Give the open hint a colour. @param {string} color @param {{final?: boolean}} [options] */
  paint(color, { final = true } = {}) {
    if (this.open === null) return;
    if (this.pending) {
      const hint = { ...this.pending, color };
      this.pending = null;
      this.#set([...this.all, kept(/** @type {any} */ (session.current), hint)], { final });
      this.#tell();
    } else this.change(this.open, { color }, { final });
  }

  /** @param {number} index @param {Partial<Hint>} changes @param {{final?: boolean}} [options] */
  change(index, changes, { final = true } = {}) {
    if (index === this.all.length && this.pending) {
      Object.assign(this.pending, changes);
      this.#tell();
      return;
    }
    this.#set(this.all.map((hint, at) => (at === index ? { ...hint, ...changes } : hint)), { final });
  }

  /** Move to pixels of the photo, held inside it. @param {number} index @param {number} x @param {number} y */
  move(index, x, y) {
    const hint = /** @type {Hint} */ (this.all[index] ?? this.pending);
    this.change(index, moved(hint, x - hint.x, y - hint.y, this.photo), { final: false });
  }

  /** How far a hint's colour reaches; all along a stroke. @param {number} index @param {number} radius @param {{final?: boolean}} [options] */
  reach(index, radius, { final = true } = {}) {
    const { more } = /** @type {Hint} */ (this.all[index] ?? this.pending);
    this.change(index, more ? { radius, more: more.map((spot) => ({ ...spot, radius })) } : { radius }, { final });
  }

  /** @param {number} index */
  remove(index) {
    const pending = index === this.all.length;
    this.open = null;
    this.pending = null;
    if (!pending) {
      this.#set(this.all.filter((_, at) => at !== index));
      say(text("hints.deleted", { number: index + 1 }));
    }
    this.#tell();
  }

  clear() {
    this.open = null;
    this.pending = null;
    this.#set([]);
    this.#tell();
  }

  /** What a hint is called in short. @param {number} index */
  name(index) {
    const hint = this.all[index];
    return text(`hints.item.${kindOf(hint)}`, { number: index + 1, color: text(nameKey(hint.color)) });
  }

  /** What it is called, with its place. @param {number} index */
  describe(index) {
    const hint = this.all[index];
    if (!hint) return text("hints.new");
    const { width, height } = this.photo;
    return text("hints.item.at", { hint: this.name(index), x: percent(hint.x / width), y: percent(hint.y / height) });
  }

  /** Those of other shots stay. @param {Hint[]} here @param {{final?: boolean}} [options] */
  #set(here, options) {
    const item = /** @type {import("./session.js").Item} */ (session.current);
    session.set({ hints: [...item.history.settings.hints.filter((hint) => !isHere(item, hint)), ...here] }, options);
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }
}

export const hints = new Hints();
