// A film on the stage: chosen, on its way, in work, and to play.
import { complain, say } from "./alerts.js";
import { find, icon, make } from "./dom.js";
import { followJob, isOver, notesOf, reasonOf, warnings } from "./jobs.js";
import { remember } from "./memory.js";
import { call, follow, upload } from "./server.js";
import { session } from "./session.js";
import { toOptions } from "./settings.js";
import { clock, onLanguage, percent, span, text } from "./texts.js";

const THUMB = 120; // pixels high
/** @type {Map<string, string>} URLs of films that were not sent yet, by item key */
const originals = new Map();
let drawn = "";

function draw() {
  const item = session.current;
  const box = find("film");
  document.body.classList.toggle("film-open", item?.kind === "film");
  box.hidden = item?.kind !== "film";
  if (item?.kind !== "film") {
    if (drawn) box.replaceChildren();
    drawn = "";
    return;
  }
  const now = [item.key, item.state, document.documentElement.lang].join();
  if (now !== drawn) {
    // a film that plays is not begun anew because something else changed
    const focused = box.contains(document.activeElement);
    box.replaceChildren(...build(item).filter((part) => part !== null));
    if (focused) box.querySelector("a, button")?.focus();
  }
  drawn = now;
  tick(item);
}

/** @param {import("./session.js").Item} item @returns {any[]} */
function build(item) {
  const title = make("h2", { text: item.state === "done" ? text("film.done", { name: item.name }) : item.name });
  if (item.state === "done") return [player(item, follow(item.job.result), text("film.player", { name: item.name })), title, warnings(item.job), ending(item), make("p", { class: "note", text: item.job.expires ? text("film.note", { time: clock(item.job.expires) }) : "" })];
  const parts = original(item);
  if (item.state === "failed" || item.state === "cancelled") {
    const words = item.state === "failed" ? text("film.failed", { reason: reasonOf(item.job) }) : text("film.cancelled");
    const again = item.file ? [make("div", { class: "buttons" }, action("film.again", () => send(item)))] : [];
    return [...parts, title, make("p", { text: words }), ...again];
  }
  if (item.state === "new") return [...parts, title, make("p", { class: "note", text: text("film.ready") }), make("div", { class: "buttons" }, action("film.start", () => send(item)))];
  const words = { uploading: "film.uploading", queued: "film.queued", running: "film.running" };
  const doing = text(/** @type {any} */ (words)[item.state]);
  const stop = make("button", { type: "button", on: { click: () => cancel(item) } }, make("span", { text: text("film.cancel") }));
  const bar = make("progress", { max: 1, id: "film-progress", "aria-label": doing });
  return [...parts, title, make("div", { class: "going" }, make("p", {}, make("span", { text: doing }), make("span", { id: "film-left" })), bar), make("div", { class: "buttons" }, stop)];
}

/** @param {string} key @param {() => void} act */
const action = (key, act) => make("button", { type: "button", class: "primary big", on: { click: act } }, make("span", { text: text(key) }));

/** @param {import("./session.js").Item} item @param {string} source @param {string} label */
function player(item, source, label) {
  const video = make("video", { src: source, controls: true, playsinline: true, preload: "auto", "aria-label": label });
  video.addEventListener("loadeddata", () => takeThumb(item, video), { once: true });
  return video;
}

/** The filmstrip shows a film by its first picture. @param {import("./session.js").Item} item @param {HTMLVideoElement} video */
function takeThumb(item, video) {
  const canvas = document.createElement("canvas");
  canvas.height = THUMB;
  canvas.width = Math.round((THUMB * video.videoWidth) / Math.max(video.videoHeight, 1));
  if (!canvas.width) return;
  canvas.getContext("2d")?.drawImage(video, 0, 0, canvas.width, canvas.height);
  session.update(item, { thumb: canvas.toDataURL("image/jpeg", 0.8) });
}

/** @param {import("./session.js").Item} item @returns {any[]} */
function original(item) {
  if (!item.file) return [icon("film")];
  const url = originals.get(item.key) ?? URL.createObjectURL(item.file);
  originals.set(item.key, url);
  const video = player(item, url, text("film.original", { name: item.name }));
  video.addEventListener("error", () => video.replaceWith(icon("film"))); // a format the server reads and the browser does not
  return [video];
}

/** @param {import("./session.js").Item} item */
function ending(item) {
  const save = make("a", { class: "button primary big", id: "film-save", href: `${follow(item.job.result)}?download=1`, download: item.job.name }, icon("save"), make("span", { text: text("save.film") }));
  return make("div", { class: "buttons" }, save);
}

/** What changes many times a second. @param {import("./session.js").Item} item */
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

/** @param {import("./session.js").Item} item */
async function send(item) {
  const form = new FormData();
  // options first, so that a server can refuse them before the film is through
  form.append("options", JSON.stringify(filmOptions(item)));
  form.append("file", /** @type {File} */ (item.file), item.name);
  item.sending = new AbortController();
  session.update(item, { state: "uploading", progress: 0, job: undefined });
  try {
    await session.ready; // else what is noted below is forgotten as of a job that nobody knows
    const job = await upload("jobs", form, { signal: item.sending.signal, onprogress: (progress) => session.update(item, { progress }) });
    remember("shown", job.id);
    remember(`film:${job.id}`, item.name); // the job is called as its result will be
    remember(`history:${job.id}`, item.history.note);
    followFilm(item, job);
  } catch (error) {
    complain(error);
    if (session.items.includes(item)) session.update(item, { state: "new" });
  }
}

/** What of the settings holds for a whole film. @param {import("./session.js").Item} item */
function filmOptions(item) {
  const { model, vividness, strength } = toOptions(item.history.settings);
  return { model, vividness, strength };
}

/** @param {import("./session.js").Item} item @param {any} job */
export function followFilm(item, job) {
  followJob(job, (now) => {
    const before = item.job?.status;
    session.update(item, { job: now, state: now.status });
    if (before && before !== now.status && isOver(now)) say(now.status === "done" ? [text("film.done", { name: item.name }), ...notesOf(now)].join(" ") : text(`state.${now.status}`));
  }, (error) => {
    complain(error);
    session.remove(item);
  });
}

/** @param {import("./session.js").Item} item */
async function cancel(item) {
  if (item.state === "uploading") return item.sending?.abort();
  try {
    await call("POST", `jobs/${item.job.id}/cancel`);
  } catch (error) {
    complain(error);
  }
}

export function startFilm() {
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
