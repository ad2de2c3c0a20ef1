// What is done with a film: sent once, coloured as often as one likes, stopped, followed.
import { complain, say } from "./alerts.js";
import { followJob, isOver, notesOf } from "./jobs.js";
import { remember } from "./memory.js";
import { call, callJson, upload } from "./server.js";
import { session } from "./session.js";
import { filmOptions, modelOf } from "./settings.js";
import { flatten } from "./shapes.js";
import { text } from "./texts.js";

/** @typedef {import("./session.js").Item} Item */

/** Send a film, so that its shots can be looked at. @param {Item} item */
export async function sendFilm(item) {
  const form = new FormData();
  form.append("file", /** @type {File} */ (item.file), item.name);
  item.sending = new AbortController();
  session.update(item, { state: "uploading", progress: 0, job: undefined });
  try {
    await session.ready; // else what is noted below is forgotten as of a film that nobody knows
    const video = await upload("videos", form, { signal: item.sending.signal, onprogress: (progress) => session.update(item, { progress }) });
    remember(`history:${video.id}`, item.history.note);
    if (session.current === item) remember("shown", video.id);
    session.update(item, { video, shot: undefined, state: "open" });
  } catch (error) {
    complain(error);
    if (session.items.includes(item)) session.update(item, { state: "new" });
  }
}

/** Colour a film that the server has. @param {Item} item @param {string} container @param {string} codec */
export async function startRun(item, container, codec) {
  const { video, job: before } = item;
  const { settings } = item.history;
  const hints = modelOf(settings)?.hints ? flatten(settings.hints) : [];
  const order = { video: video.id, options: filmOptions(settings), hints, container, codec };
  session.update(item, { state: "queued" });
  try {
    const job = await callJson("POST", "jobs", { json: order });
    remember(`film:${job.id}`, item.name); // the job is called as its result will be
    if (before?.status === "done") item.earlier = [before, ...(item.earlier ?? [])];
    item.job = undefined;
    followFilm(item, job);
  } catch (error) {
    await lose(item, error, before?.status === "done" ? "done" : "open");
  }
}

/** The server has no such film any more, or refuses. @param {Item} item @param {unknown} error @param {string} state */
export async function lose(item, error, state) {
  if (/** @type {any} */ (error).status !== 404) {
    complain(error);
    session.update(item, { state });
  } else if (item.file) {
    item.video = undefined;
    await sendFilm(item);
  } else {
    complain(error);
    session.update(item, { state: "expired", video: undefined });
  }
}

/** @param {Item} item @param {any} job */
export function followFilm(item, job) {
  followJob(job, (now) => {
    const before = item.job?.status;
    session.update(item, { job: now, state: now.status });
    if (before && before !== now.status && isOver(now)) say(now.status === "done" ? [text("film.done", { name: item.name }), ...notesOf(now)].join(" ") : text(`state.${now.status}`));
  }, (error) => {
    complain(error);
    if (item.video) session.update(item, { job: undefined, state: "open" });
    else session.remove(item);
  });
}

/** @param {Item} item */
export async function stopFilm(item) {
  if (item.state === "uploading") return item.sending?.abort();
  try {
    await call("POST", `jobs/${item.job.id}/cancel`);
  } catch (error) {
    complain(error);
  }
}

/**
 * The films that the server has, each with its runs, the newest first.
 * @param {any[]} videos @param {any[]} jobs of films @param {(job: any) => string} nameOf
 */
export function restoreFilms(videos, jobs, nameOf) {
  const runs = [...jobs].reverse();
  for (const video of videos) {
    const [job, ...earlier] = runs.filter((each) => each.video === video.id);
    const item = session.add({ kind: "film", name: video.name, state: job?.status ?? "open", video, job, earlier: earlier.filter(({ status }) => status === "done") });
    if (job) followFilm(item, job);
  }
  const known = new Set(videos.map(({ id }) => id));
  for (const job of jobs) if (!known.has(job.video)) followFilm(session.add({ kind: "film", name: nameOf(job), state: job.status, job }), job);
}
