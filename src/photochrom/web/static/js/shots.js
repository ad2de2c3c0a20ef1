// The shots of a film below the stage: a still of each, coloured as the film is set, before the film itself is. One is on the stage.
import { make } from "./dom.js";
import { address, call, callJson, pause } from "./server.js";
import { painter } from "./painter.js";
import { session } from "./session.js";
import { optionsOf } from "./surface.js";
import { number, percent, text } from "./texts.js";

const SMALL = 192; // pixels of the longer side
const BETWEEN = 0.7; // seconds between questions whether the shots are found
const RESTED = 480; // milliseconds without a change

/** @typedef {{number: number, time: number, seconds: number, still: number}} Shot */

/** One request for colours at a time; what is asked meanwhile waits, and only the newest of it. */
class Still {
  #running = false;
  /** @type {(() => Promise<void>) | null} */
  #next = null;

  /** @param {() => Promise<void>} ask */
  async want(ask) {
    this.#next = ask;
    if (this.#running) return;
    this.#running = true;
    while (this.#next) {
      const now = this.#next;
      this.#next = null;
      await now().catch(() => {}); // a film that is gone is told of where it is followed
    }
    this.#running = false;
  }
}

/** The shots of one film; made anew for each that is shown. */
export class Shots {
  /** @param {import("./session.js").Item} item @param {(error: unknown) => void} fail */
  constructor(item, fail) {
    this.item = item;
    /** @type {Shot[]} */
    this.shots = [];
    this.#fail = fail;
    this.box = make("div", { class: "shots" }, make("p", { class: "note", role: "status", id: "shots-note" }));
    this.#listen = () => this.#paint();
    session.on(["settings"], this.#listen);
    this.#miss = (event) => { if (session.current === item) fail(/** @type {any} */ (event).detail); };
    painter.addEventListener("missed", this.#miss);
    void this.#find();
  }

  #fail;
  /** @type {() => void} */
  #listen;
  /** @type {(event: Event) => void} */
  #miss;
  #stop = new AbortController();
  #small = new Still();
  #painted = "";
  #timer = 0;

  close() {
    this.#stop.abort();
    clearTimeout(this.#timer);
    session.removeEventListener("settings", this.#listen);
    painter.removeEventListener("missed", this.#miss);
    for (const image of this.box.querySelectorAll("img")) if (image.src.startsWith("blob:")) URL.revokeObjectURL(image.src);
  }

  async #find() {
    const { signal } = this.#stop;
    try {
      for (;;) {
        const found = await callJson("GET", `videos/${this.item.video.id}/shots`, { signal });
        if (signal.aborted) return;
        if (found.complete) {
          this.shots = found.shots;
          this.#build(found.error);
          return;
        }
        this.#note(text("film.shots.finding", { percent: percent(found.progress) }));
        await pause(BETWEEN, signal);
      }
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    }
  }

  /** @param {string} words */
  #note(words) {
    const note = this.box.querySelector("#shots-note");
    if (note) note.textContent = words;
  }

  /** @param {string | null} error */
  #build(error) {
    if (!this.shots.length) {
      this.#note(error ?? "");
      return;
    }
    const list = make("ul", { class: "shot-list", "aria-label": text("film.shots") }, ...this.shots.map((shot, at) => make("li", {}, this.#button(shot, at))));
    this.box.replaceChildren(list);
    this.show(Math.max(this.shots.findIndex(({ number }) => number === this.item.shot?.number), 0));
  }

  /** @param {Shot} shot @param {number} at */
  #button(shot, at) {
    const words = text("film.shot", { n: at + 1, time: moment(shot.time) });
    const image = make("img", { alt: "", loading: "lazy", src: address(`${this.#path(shot)}/preview?max_size=${SMALL}`) });
    return make("button", { type: "button", "aria-label": words, title: words, on: { click: () => this.show(at) } }, image, make("span", { text: moment(shot.time) }));
  }

  /** @param {Shot} shot */
  #path(shot) {
    return `videos/${this.item.video.id}/shots/${shot.number}`;
  }

  /** Lay a shot on the stage. @param {number} at */
  show(at) {
    session.commit();
    for (const [index, button] of this.box.querySelectorAll(".shot-list button").entries()) button.setAttribute("aria-pressed", String(index === at));
    session.update(this.item, { shot: this.shots[at] });
    if (session.current === this.item) session.tell("current");
    this.#paint();
  }

  /** Colour the small pictures once the hand rests. */
  #paint() {
    if (!this.shots.length || session.current !== this.item) return;
    const now = JSON.stringify(this.shots.map((shot) => this.#options(shot)));
    if (now === this.#painted) return;
    this.#painted = now;
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.#small.want(async () => {
      const images = this.box.querySelectorAll(".shot-list img");
      for (const [at, shot] of this.shots.entries()) {
        if (now !== this.#painted || this.#stop.signal.aborted) return;
        if (images[at].dataset.options === JSON.stringify(this.#options(shot))) continue;
        await this.#color(shot, images[at]);
      }
    }), RESTED);
  }

  /** How a shot is to be coloured, with its own hints. @param {Shot} shot */
  #options(shot) {
    return optionsOf({ ...this.item, shot });
  }

  /** @param {Shot} shot @param {any} image */
  async #color(shot, image) {
    const options = this.#options(shot);
    const answer = await call("POST", `${this.#path(shot)}/colorize`, { json: { options, max_size: SMALL }, signal: this.#stop.signal });
    const url = URL.createObjectURL(await answer.blob());
    if (this.#stop.signal.aborted) return URL.revokeObjectURL(url);
    if (image.src.startsWith("blob:")) URL.revokeObjectURL(image.src);
    image.src = url;
    image.dataset.options = JSON.stringify(options);
  }
}

/** A moment of a film, as players write it. @param {number} seconds */
export function moment(seconds) {
  const whole = Math.floor(seconds);
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const shown = parts[0] ? parts : parts.slice(1);
  return shown.map((part, at) => number(part, { minimumIntegerDigits: at ? 2 : 1, useGrouping: false })).join(":");
}
