// Undo and redo over one photo's settings.
import { DEFAULTS, fromOptions, same } from "./settings.js";

const LONGEST = 100;

export class History {
  /** @param {{states?: import("./settings.js").Settings[], at?: number} | null} [noted] */
  constructor(noted = null) {
    this.states = noted?.states?.length ? noted.states.map(fromOptions) : [structuredClone(DEFAULTS)];
    this.at = Math.min(Math.max(noted?.at ?? this.states.length - 1, 0), this.states.length - 1);
    /** what is shown; while a slider moves it runs ahead of the last state @type {import("./settings.js").Settings} */
    this.settings = this.states[this.at];
  }

  /** Show a change that is not finished yet. @param {Partial<import("./settings.js").Settings>} patch */
  preview(patch) {
    this.settings = { ...this.settings, ...patch };
  }

  /** Finish what is shown as one step, if it is one. */
  commit() {
    if (same(this.settings, this.states[this.at])) return;
    this.states = [...this.states.slice(0, this.at + 1), this.settings].slice(-LONGEST);
    this.at = this.states.length - 1;
  }

  /** nothing was ever set */
  get isNew() { return this.states.length === 1 && same(this.settings, DEFAULTS); }
  get canUndo() { return this.at > 0 || !same(this.settings, this.states[this.at]); }
  get canRedo() { return this.at < this.states.length - 1; }

  /** @param {number} step -1 to undo, 1 to redo */
  move(step) {
    this.commit();
    this.at = Math.min(Math.max(this.at + step, 0), this.states.length - 1);
    this.settings = this.states[this.at];
  }

  get note() { return { states: this.states.slice(-20), at: this.at - Math.max(0, this.states.length - 20) }; }
}
