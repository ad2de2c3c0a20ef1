// The hints of the shown photo and which one is being changed.
import { say } from "./alerts.js";
import { nameKey } from "./color.js";
import { clamp } from "./dom.js";
import { session } from "./session.js";
import { percent, text } from "./texts.js";

const REACH = 0.03; // of the short side, for a new hint

/** @typedef {import("./settings.js").Hint} Hint */

class Hints extends EventTarget {
  /** the hint whose window is open; the number after the last for one that has no colour yet @type {number | null} */
  open = null;
  /** a place that has no colour yet, pixels @type {{x: number, y: number, radius: number} | null} */
  pending = null;

  get all() { return session.settings?.hints ?? []; }
  get photo() { return session.current?.facts; }
  /** where the open hint is @type {{x: number, y: number, radius: number, color?: string} | null} */
  get place() { return this.open === null ? null : (this.all[this.open] ?? this.pending); }

  /** Begin a hint. @param {{x: number, y: number}} share of the photo */
  begin(share) {
    if (!this.photo) return;
    const { width, height } = this.photo;
    this.pending = { x: round(clamp(share.x, 0, 1) * width), y: round(clamp(share.y, 0, 1) * height), radius: round(REACH * Math.min(width, height)) };
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
      session.set({ hints: [...this.all, hint] }, { final });
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
    session.set({ hints: this.all.map((hint, at) => (at === index ? { ...hint, ...changes } : hint)) }, { final });
  }

  /** Move by or to pixels of the photo, held inside it. @param {number} index @param {number} x @param {number} y */
  move(index, x, y) {
    const { width, height } = this.photo;
    this.change(index, { x: round(clamp(x, 0, width)), y: round(clamp(y, 0, height)) }, { final: false });
  }

  /** @param {number} index */
  remove(index) {
    const pending = index === this.all.length;
    this.open = null;
    this.pending = null;
    if (!pending) {
      session.set({ hints: this.all.filter((_, at) => at !== index) });
      say(text("hints.deleted", { number: index + 1 }));
    }
    this.#tell();
  }

  clear() {
    this.open = null;
    this.pending = null;
    session.set({ hints: [] });
    this.#tell();
  }

  /** What a hint is called. @param {number} index */
  describe(index) {
    const hint = this.all[index];
    if (!hint) return text("hints.new");
    const { width, height } = this.photo;
    const color = text(nameKey(hint.color));
    return text("hints.item.full", { number: index + 1, color, x: percent(hint.x / width), y: percent(hint.y / height) });
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }
}

/** @param {number} value to a tenth of a pixel */
const round = (value) => Math.round(10 * value) / 10;

export const hints = new Hints();
