// The shots of a film on the stage: a still of each, coloured as the film is set, before the film itself is.
import { find, make } from "./dom.js";
import { address, call, callJson, pause } from "./server.js";
import { session } from "./session.js";
import { filmOptions } from "./settings.js";
import { number, percent, text } from "./texts.js";

const LARGE = 960, SMALL = 192; // pixels of the longer side
const BETWEEN = 0.7; // seconds between questions whether the shots are found
const GATHER = 120; // milliseconds in which a slider's steps become one question

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
    this.at = 0;
    this.#fail = fail;
    this.box = make("div", { class: "shots" }, make("p", { class: "note", role: "status", id: "shots-note" }));
    this.#listen = () => this.#paint();
    session.on(["settings"], this.#listen);
    void this.#find();
  }

  #fail;
  /** @type {() => void} */
  #listen;
  #stop = new AbortController();
  #large = new Still();
  #small = new Still();
  #painted = "";
  #timer = 0;

  close() {
    this.#stop.abort();
    clearTimeout(this.#timer);
    session.removeEventListener("settings", this.#listen);
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
    const { width, height } = this.item.video;
    const cut = make("input", { type: "range", min: 0, max: 100, value: 50, "aria-label": text("slider.label") });
    const figure = make("figure", { class: "showcase shot", style: null },
      make("img", { alt: text("stage.before"), width, height }), make("img", { class: "over", alt: text("stage.after"), width, height }),
      make("span", { class: "line", "aria-hidden": "true" }), cut);
    figure.style.setProperty("--wide", String(width / height));
    cut.addEventListener("input", () => figure.style.setProperty("--cut", `${cut.value}%`));
    const list = make("ul", { class: "shot-list", "aria-label": text("film.shots") }, ...this.shots.map((shot, at) => make("li", {}, this.#button(shot, at))));
    this.box.replaceChildren(figure, list);
    this.show(0);
  }

  /** @param {Shot} shot @param {number} at */
  #button(shot, at) {
    const words = text("film.shot", { n: at + 1, time: moment(shot.time) });
    const image = make("img", { alt: "", loading: "lazy", src: this.#address(shot, SMALL) });
    return make("button", { type: "button", "aria-label": words, title: words, on: { click: () => this.show(at) } }, image, make("span", { text: moment(shot.time) }));
  }

  /** @param {Shot} shot @param {number} size */
  #address(shot, size) {
    return address(`videos/${this.item.video.id}/shots/${shot.number}/preview?max_size=${size}`);
  }

  /** @param {number} at */
  show(at) {
    this.at = at;
    const [before, after] = this.box.querySelectorAll("figure img");
    before.src = this.#address(this.shots[at], LARGE);
    after.hidden = true; // the colours of the shot before are not shown over this one
    for (const [index, button] of this.box.querySelectorAll(".shot-list button").entries()) button.setAttribute("aria-pressed", String(index === at));
    this.#painted = "";
    this.#paint();
  }

  #paint() {
    if (!this.shots.length || session.current !== this.item) return;
    const options = filmOptions(this.item.history.settings);
    const now = JSON.stringify(options);
    if (now === this.#painted) return;
    this.#painted = now;
    const shot = this.shots[this.at];
    const [, after] = this.box.querySelectorAll("figure img");
    void this.#large.want(() => this.#color(shot, LARGE, options, after, () => shot === this.shots[this.at]));
    // the small ones follow when the hand rests
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#paintSmall(options, now), 4 * GATHER);
  }

  /** @param {any} options @param {string} asked */
  #paintSmall(options, asked) {
    void this.#small.want(async () => {
      const images = this.box.querySelectorAll(".shot-list img");
      for (const [at, shot] of this.shots.entries()) {
        if (asked !== this.#painted || this.#stop.signal.aborted) return;
        await this.#color(shot, SMALL, options, images[at], () => true);
      }
    });
  }

  /** @param {Shot} shot @param {number} size @param {any} options @param {any} image @param {() => boolean} isWanted */
  async #color(shot, size, options, image, isWanted) {
    const path = `videos/${this.item.video.id}/shots/${shot.number}/colorize`;
    const answer = await call("POST", path, { json: { options, max_size: size }, signal: this.#stop.signal });
    const url = URL.createObjectURL(await answer.blob());
    if (!isWanted() || this.#stop.signal.aborted) return URL.revokeObjectURL(url);
    const old = image.src;
    image.src = url;
    image.hidden = false;
    if (old.startsWith("blob:")) URL.revokeObjectURL(old);
    find("film").dispatchEvent(new CustomEvent("shot", { detail: shot.number }));
  }
}

/** A moment of a film, as players write it. @param {number} seconds */
export function moment(seconds) {
  const whole = Math.floor(seconds);
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const shown = parts[0] ? parts : parts.slice(1);
  return shown.map((part, at) => number(part, { minimumIntegerDigits: at ? 2 : 1, useGrouping: false })).join(":");
}
