// A film on the stage: on its way, its shots to try settings on, in work, and to play.
import { find, icon, make } from "./dom.js";
import { lose, sendFilm, startRun, stopFilm } from "./film_run.js";
import { reasonOf, warnings } from "./jobs.js";
import { recall, remember } from "./memory.js";
import { address, follow } from "./server.js";
import { session } from "./session.js";
import { moment, Shots } from "./shots.js";
import { clock, onLanguage, percent, span, text } from "./texts.js";

/** @typedef {import("./session.js").Item} Item */

const THUMB = 120; // pixels high
/** @type {Map<string, string>} URLs of films that are here too, by item key */
const originals = new Map();
/** @type {Shots | null} */
let shots = null;
let drawn = "";

function draw() {
  const item = session.current;
  const box = find("film");
  document.body.classList.toggle("film-open", item?.kind === "film");
  box.hidden = item?.kind !== "film";
  if (item?.kind !== "film") {
    if (drawn) clear(box);
    drawn = "";
    return;
  }
  const now = [item.key, item.state, document.documentElement.lang].join();
  if (now !== drawn) {
    // a film that plays is not begun anew because something else changed
    const focused = box.contains(document.activeElement);
    clear(box);
    box.classList.toggle("open", item.state === "open");
    box.replaceChildren(...build(item).filter((part) => part !== null));
    if (focused) box.querySelector("a, button, select")?.focus();
  }
  drawn = now;
  tick(item);
}

/** @param {any} box */
function clear(box) {
  shots?.close();
  shots = null;
  box.replaceChildren();
}

/** @param {Item} item @returns {any[]} */
function build(item) {
  const title = make("h2", { text: item.state === "done" ? text("film.done", { name: item.name }) : item.name });
  if (item.state === "done") return finished(item, title);
  if (item.state === "open") return open(item, title);
  const parts = original(item);
  if (["failed", "cancelled", "expired", "new"].includes(item.state)) {
    const words = { failed: () => text("film.failed", { reason: reasonOf(item.job) }), cancelled: () => text("film.cancelled"), expired: () => text("error.expired", { name: item.name }), new: () => text("film.unsent") };
    const again = item.video ? action("film.again", () => session.update(item, { state: "open" })) : item.file ? action("film.send", () => sendFilm(item)) : null;
    return [...parts, title, make("p", { text: /** @type {any} */ (words)[item.state]() }), again && make("div", { class: "buttons" }, again), earlier(item)];
  }
  const doing = text(`film.${item.state}`);
  const stop = make("button", { type: "button", on: { click: () => stopFilm(item) } }, make("span", { text: text("film.cancel") }));
  const bar = make("progress", { max: 1, id: "film-progress", "aria-label": doing });
  return [...parts, title, make("div", { class: "going" }, make("p", {}, make("span", { text: doing }), make("span", { id: "film-left" })), bar), make("div", { class: "buttons" }, stop)];
}

/** @param {string} key @param {() => void} act */
const action = (key, act) => make("button", { type: "button", class: "primary big", on: { click: act } }, make("span", { text: text(key) }));

/** A film that the server has, with settings to try. @param {Item} item @param {any} title @returns {any[]} */
function open(item, title) {
  const { width, height, seconds, estimate, codecs } = item.video;
  const facts = [text("film.facts", { width: String(width), height: String(height), time: moment(seconds) }), text("film.estimate", { time: span(Math.max(1, estimate)) })];
  const kinds = make("select", { id: "film-container" }, ...Object.keys(codecs).map((name) => make("option", { value: name, text: text(`film.container.${name}`) })));
  const packed = make("select", { id: "film-codec" });
  const fillCodecs = () => packed.replaceChildren(...codecs[kinds.value].map((/** @type {string} */ name) => make("option", { value: name, text: text(`film.codec.${name}`) })));
  const wanted = recall("container");
  if (wanted in codecs) kinds.value = wanted;
  fillCodecs();
  kinds.addEventListener("change", () => {
    remember("container", kinds.value);
    fillCodecs();
  });
  shots = new Shots(item, (error) => lose(item, error, "open"));
  const choices = make("div", { class: "film-choices" },
    make("label", { for: "film-container", text: text("film.container") }), kinds,
    make("label", { for: "film-codec", text: text("film.codec") }), packed);
  return [shots.box, title, make("p", { class: "note", text: facts.join(" · ") }), choices,
    make("div", { class: "buttons" }, action("film.start", () => startRun(item, kinds.value, packed.value))), make("p", { class: "note", text: text("film.ready") }), earlier(item)];
}

/** @param {Item} item @param {any} title @returns {any[]} */
function finished(item, title) {
  const colored = follow(item.job.result);
  const video = player(item, colored, text("film.player", { name: item.name }));
  const buttons = make("div", { class: "buttons" });
  if (item.video) {
    const toggle = make("button", { type: "button", class: "big", id: "film-before", "aria-pressed": "false" }, icon("eye"), make("span", { text: text("tools.original") }));
    const show = (/** @type {boolean} */ before) => {
      const { currentTime, paused } = video;
      toggle.setAttribute("aria-pressed", String(before));
      video.setAttribute("aria-label", text(before ? "film.original" : "film.player", { name: item.name }));
      video.addEventListener("loadedmetadata", () => {
        video.currentTime = currentTime;
        if (!paused) void video.play();
      }, { once: true });
      video.src = before ? sourceOf(item) : colored;
    };
    toggle.addEventListener("click", () => show(toggle.getAttribute("aria-pressed") !== "true"));
    video.addEventListener("error", () => { // a format the server reads and the browser does not
      if (toggle.getAttribute("aria-pressed") !== "true") return;
      show(false);
      toggle.remove();
    });
    buttons.append(toggle);
  }
  buttons.append(make("a", { class: "button primary big", id: "film-save", href: `${colored}?download=1`, download: item.job.name }, icon("save"), make("span", { text: text("save.film") })));
  if (item.video) buttons.append(make("button", { type: "button", class: "big", id: "film-change", on: { click: () => session.update(item, { state: "open" }) } }, icon("sliders"), make("span", { text: text("film.change") })));
  return [video, title, warnings(item.job), buttons, make("p", { class: "note", text: item.job.expires ? text("film.note", { time: clock(item.job.expires) }) : "" }), earlier(item)];
}

/** What was made of the film before. @param {Item} item */
function earlier(item) {
  const runs = [...(item.state !== "done" && item.job?.status === "done" ? [item.job] : []), ...(item.earlier ?? [])];
  if (!runs.length) return null;
  return make("details", { class: "earlier" }, make("summary", { text: text("film.earlier", { n: runs.length }) }),
    make("ul", {}, ...runs.map((run) => make("li", {}, make("a", { href: `${follow(run.result)}?download=1`, download: run.name, text: `${run.name}, ${clock(run.created)}` })))));
}

/** @param {Item} item @param {string} source @param {string} label */
function player(item, source, label) {
  const video = make("video", { src: source, controls: true, playsinline: true, preload: "auto", "aria-label": label });
  video.addEventListener("loadeddata", () => takeThumb(item, video), { once: true });
  return video;
}

/** The filmstrip shows a film by its first picture. @param {Item} item @param {HTMLVideoElement} video */
function takeThumb(item, video) {
  const canvas = document.createElement("canvas");
  canvas.height = THUMB;
  canvas.width = Math.round((THUMB * video.videoWidth) / Math.max(video.videoHeight, 1));
  if (!canvas.width) return;
  canvas.getContext("2d")?.drawImage(video, 0, 0, canvas.width, canvas.height);
  session.update(item, { thumb: canvas.toDataURL("image/jpeg", 0.8) });
}

/** Where the film as it was can be played from. @param {Item} item */
function sourceOf(item) {
  if (!item.file) return address(`videos/${item.video.id}/file`);
  const url = originals.get(item.key) ?? URL.createObjectURL(item.file);
  originals.set(item.key, url);
  return url;
}

/** @param {Item} item @returns {any[]} */
function original(item) {
  if (!item.file && !item.video) return [icon("film")];
  const video = player(item, sourceOf(item), text("film.original", { name: item.name }));
  video.addEventListener("error", () => video.replaceWith(icon("film"))); // a format the server reads and the browser does not
  return [video];
}

/** What changes many times a second. @param {Item} item */
function tick(item) {
  const bar = find("film-progress");
  if (!bar) return;
  const share = item.state === "uploading" ? (item.progress ?? 0) : (item.job?.progress ?? 0);
  if (item.state === "queued") bar.removeAttribute("value");
  else bar.value = share;
  const left = item.state === "running" ? item.job?.seconds_left : null;
  const time = left == null ? "" : left < 60 ? text("film.left.soon") : text("film.left", { time: span(left) });
  find("film-left").textContent = item.state === "queued" ? "" : [percent(share), time].filter(Boolean).join(", ");
}

/** A film that was just added goes on its way by itself. */
function sendNew() {
  for (const item of session.items) if (item.kind === "film" && item.state === "new" && item.file && !item.sending) void sendFilm(item);
}

export function startFilm() {
  session.on(["items"], sendNew);
  session.on(["current", "items"], draw);
  session.on(["items"], () => {
    for (const [key, url] of originals) {
      if (session.items.some((item) => item.key === key)) continue;
      URL.revokeObjectURL(url);
      originals.delete(key);
    }
  });
  onLanguage(draw);
}
