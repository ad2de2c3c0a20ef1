// Keeps the shown photo coloured as it is set. One request is under way at a time; what changes meanwhile is asked for
// next, and only the newest of it, so that a slider stays live without flooding the server.
import { complain, say } from "./alerts.js";
import { addAgain, chooseFiles } from "./intake.js";
import { session } from "./session.js";
import { call } from "./server.js";
import { optionsOf, surfaceOf } from "./surface.js";
import { percent, text } from "./texts.js";

const SIZE = 1280; // pixels of the longer side; larger only when a person looks closer
const KEPT = 16; // coloured previews, so that undo and another photo show at once

/** @typedef {{url: string, item: import("./session.js").Item, path: string, size: number, confidence: number | null, matches: number | null}} Painting */

class Painter extends EventTarget {
  /** @type {Painting | null} */
  shown = null;
  busy = false;
  size = SIZE;
  /** @type {Map<string, Painting>} */
  #kept = new Map();
  /** @type {AbortController | null} */
  #running = null;
  /** whose colours are asked for @type {import("./session.js").Item | null} */
  #item = null;
  #failed = "";

  constructor() {
    super();
    session.on(["current", "settings"], () => this.paint());
  }

  /** Whether the colours of an item are there as it is shown now. @param {import("./session.js").Item | null} item */
  shows(item) {
    return Boolean(item && this.shown?.item === item && this.shown.path === surfaceOf(item)?.path);
  }

  finest = SIZE; // what the server gives at most

  /** @param {number} size pixels wanted of the longer side */
  want(size) {
    const wanted = size > SIZE ? this.finest : SIZE;
    if (wanted === this.size) return;
    this.size = wanted;
    this.paint();
  }

  async paint() {
    const item = session.current;
    if (!item || !surfaceOf(item)) return this.#leave();
    if (item.state === "expired") return;
    const options = optionsOf(item);
    const key = this.#keyOf(item);
    const kept = this.#kept.get(key);
    if (kept) {
      this.#kept.delete(key);
      this.#kept.set(key, kept);
      return this.#show(kept);
    }
    if (this.#running && this.#running.signal.reason !== item) {
      if (this.shown?.item === item || this.#item === item) return; // asked for when this one is done
      this.#running.abort();
    }
    if (key === this.#failed) return;
    const running = new AbortController();
    this.#running = running;
    this.#item = item;
    this.#work(true);
    try {
      const painting = await this.#ask(item, options, running.signal);
      this.#failed = "";
      this.#keep(key, painting);
      if (session.current === item) {
        const first = this.shown?.item !== item;
        this.#show(painting);
        if (first) announce(painting);
        if (item.state === "waiting" || item.state === "coloring") session.update(item, { state: "ready" });
      }
    } catch (error) {
      if (this.#running !== running) return;
      this.#failed = key;
      const { status } = /** @type {any} */ (error);
      if (status === 404) await this.#miss(item, error);
      else complain(error, [0, 503].includes(status) ? () => this.#retry() : undefined);
    } finally {
      if (this.#running === running) {
        this.#running = null;
        this.#work(false);
        const now = session.current;
        // another photo, the same sent again, other settings or a closer look
        if (now && surfaceOf(now) && this.#keyOf(now) !== key) this.paint();
      }
    }
  }

  /** What a painting shows, and how large. @param {import("./session.js").Item} item */
  #keyOf(item) {
    return JSON.stringify([surfaceOf(item)?.path, this.size, optionsOf(item)]);
  }

  /** What is coloured is gone, or its reference: nothing of what was set is lost. @param {import("./session.js").Item} item @param {unknown} error */
  async #miss(item, error) {
    const path = item.kind === "film" ? `videos/${item.video.id}` : `photos/${item.facts.id}`;
    if (item.history.settings.reference && (await call("GET", path).then(() => true, () => false))) {
      complain(new GoneError(text("guide.reference.gone")));
      session.setOther(item, { reference: null });
      return;
    }
    if (item.kind === "film") return this.dispatchEvent(new CustomEvent("missed", { detail: error }));
    if (await addAgain(item)) return this.#retry();
    session.update(item, { state: "expired" });
    complain(new GoneError(text("error.expired", { name: item.name })), chooseFiles, text("alert.add"));
  }

  #retry() {
    this.#failed = "";
    this.paint();
  }

  /** @param {import("./session.js").Item} item @param {any} options @param {AbortSignal} signal @returns {Promise<Painting>} */
  async #ask(item, options, signal) {
    const size = this.size;
    const { path } = /** @type {import("./surface.js").Surface} */ (surfaceOf(item));
    const json = item.kind === "photo" ? { options, output: "preview", max_size: size } : { options, max_size: size };
    const answer = await call("POST", `${path}/colorize`, { json, signal });
    const [confidence, matches] = ["Confidence", "Matches"].map((name) => answer.headers.get(`X-Photochrom-${name}`)).map((value) => (value === null ? null : Number(value)));
    const url = URL.createObjectURL(await answer.blob());
    const image = new Image();
    image.src = url;
    await image.decode(); // shown in one go, not line by line
    return { url, item, path, size, confidence, matches };
  }

  /** @param {string} key @param {Painting} painting */
  #keep(key, painting) {
    this.#kept.set(key, painting);
    for (const [old, { url }] of this.#kept) {
      if (this.#kept.size <= KEPT) break;
      if (url === this.shown?.url) continue;
      URL.revokeObjectURL(url);
      this.#kept.delete(old);
    }
  }

  /** @param {Painting} painting */
  #show(painting) {
    this.shown = painting;
    this.dispatchEvent(new Event("painted"));
  }

  #leave() {
    this.#running?.abort();
    this.#running = null;
    this.shown = null;
    this.#work(false);
    this.dispatchEvent(new Event("painted"));
  }

  /** @param {boolean} busy */
  #work(busy) {
    this.busy = busy;
    this.dispatchEvent(new Event("working"));
  }
}

class GoneError extends Error {
  status = 404;
}

/** @param {Painting} painting */
function announce({ item, confidence }) {
  say(confidence === null ? text("stage.done", { name: item.name }) : text("stage.done.sure", { name: item.name, percent: percent(confidence) }));
}

export const painter = new Painter();
