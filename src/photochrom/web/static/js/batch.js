// Every photo with its own settings in one zip; a line in the filmstrip says how far it is.
import { complain, say } from "./alerts.js";
import { find, iconButton, make } from "./dom.js";
import { followJob, forgetJob, isOver, notesOf, reasonOf, warnings } from "./jobs.js";
import { call, callJson, follow } from "./server.js";
import { session } from "./session.js";
import { toOptions } from "./settings.js";
import { onLanguage, span, text } from "./texts.js";

/** @type {Map<string, any>} the server's jobs by id */
const zips = new Map();
const counts = new Map();

export async function startZip() {
  const photos = session.photos;
  const options = Object.fromEntries(photos.map((item) => [item.facts.id, toOptions(item.history.settings)]));
  try {
    const job = await callJson("POST", "jobs", { json: { photos: Object.keys(options), options } });
    counts.set(job.id, photos.length);
    followZip(job);
  } catch (error) {
    complain(error);
  }
}

/** @param {any} job */
export function followZip(job) {
  followJob(job, (now) => {
    const before = zips.get(now.id)?.status;
    zips.set(now.id, now);
    if (before && before !== now.status && isOver(now)) say(sentence(now));
    draw();
  }, (error) => {
    zips.delete(job.id);
    complain(error);
    draw();
  });
}

/** @param {any} job */
function sentence(job) {
  if (job.status === "done") return notesOf(job).length ? text("zip.ready.lacking", { n: notesOf(job).length }) : text("zip.ready");
  if (job.status === "failed") return text("zip.failed", { reason: reasonOf(job) });
  if (job.status === "cancelled") return text("zip.cancelled");
  return text("zip.working", { n: counts.get(job.id) ?? session.photos.length });
}

function draw() {
  const box = find("zips");
  const focused = document.activeElement?.closest(".zip")?.getAttribute("data-id");
  box.replaceChildren(...[...zips.values()].map(line));
  if (focused) (box.querySelector(`[data-id="${focused}"] a, [data-id="${focused}"] button`) ?? find("save")).focus();
  find("strip").classList.toggle("single", session.items.length < 2 && !zips.size);
}

/** @param {any} job */
function line(job) {
  const over = isOver(job);
  const parts = [make("p", { text: sentence(job) })];
  if (!over) {
    const bar = make("progress", { max: 1, value: job.progress, "aria-label": sentence(job) });
    const left = job.seconds_left == null ? "" : job.seconds_left < 60 ? text("film.left.soon") : text("film.left", { time: span(job.seconds_left) });
    parts.push(bar, make("span", { class: "left", text: left }), make("button", { type: "button", on: { click: () => cancel(job) } }, make("span", { text: text("zip.cancel") })));
  } else {
    if (job.status === "done") parts.push(make("a", { class: "button primary", href: follow(job.result), download: text("zip.name"), text: text("zip.save") }));
    const lacking = warnings(job);
    if (lacking) parts.splice(1, 0, lacking);
    parts.push(iconButton("close", text("zip.dismiss"), () => dismiss(job)));
  }
  return make("div", { class: over ? "zip ended" : "zip", "data-id": job.id }, ...parts);
}

/** @param {any} job */
async function cancel(job) {
  try {
    await call("POST", `jobs/${job.id}/cancel`);
  } catch (error) {
    complain(error);
  }
}

/** @param {any} job */
async function dismiss(job) {
  forgetJob(job.id);
  zips.delete(job.id);
  draw();
  find("strip-add").focus();
  await call("DELETE", `jobs/${job.id}`).catch(() => {}); // the server deletes it in time anyway
}

export function startBatch() {
  onLanguage(draw);
}
