// Taking a photo or film away: at once for the eye, on the server when it cannot be taken back any more.
import { find } from "./dom.js";
import { forgetJob } from "./jobs.js";
import { recall, remember } from "./memory.js";
import { offer } from "./offers.js";
import { address } from "./server.js";
import { session } from "./session.js";
import { text } from "./texts.js";

/** Paths under the API that are still to be deleted, so that a page that was closed meanwhile does not bring them back. */
const list = () => /** @type {string[]} */ (recall("removed") ?? []);
/** @param {string[]} paths */
const note = (paths) => remember("removed", paths.length ? paths : null);

/** @param {string} path */
async function drop(path) {
  // it outlives the page; what is gone already is gone
  const answer = await fetch(address(path), { method: "DELETE", keepalive: true }).catch(() => null);
  if (answer) note(list().filter((other) => other !== path));
}

/**
 * Delete what an earlier page was asked to, where the server has it still: most of it went when that page was closed.
 * @param {any[] | undefined} photos that the server has, where it said so @param {any[] | undefined} videos @param {any[] | undefined} jobs
 * @returns {Set<string>} ids of those that go
 */
export function finishRemovals(photos, videos, jobs) {
  if (!photos || !videos || !jobs) return new Set();
  const there = new Map([...photos.map(({ id }) => [`photos/${id}`, id]), ...videos.map(({ id }) => [`videos/${id}`, id]), ...jobs.map(({ id }) => [`jobs/${id}`, id])]);
  const left = list().filter((path) => there.has(path));
  note(left);
  for (const path of left) void drop(path);
  return new Set(left.map((path) => there.get(path)));
}

/** @param {import("./session.js").Item} item */
const pathsOf = (item) => [
  ...(item.facts ? [`photos/${item.facts.id}`] : []),
  ...[item.job, ...(item.earlier ?? [])].filter(Boolean).map(({ id }) => `jobs/${id}`),
  ...(item.video ? [`videos/${item.video.id}`] : []),
];

/** @param {import("./session.js").Item} item */
export function discard(item) {
  const at = session.items.indexOf(item);
  const shown = session.current === item;
  session.remove(item);
  note([...list(), ...pathsOf(item)]);
  (find("cards").querySelector("[aria-current]") ?? find(session.items.length ? "strip-add" : "choose")).focus();
  const undo = () => {
    const paths = pathsOf(item);
    note(list().filter((other) => !paths.includes(other)));
    session.bring(item, at);
    if (shown) session.show(item);
    find("cards").children[at]?.querySelector("button")?.focus();
  };
  const settle = () => {
    item.sending?.abort();
    if (item.job) forgetJob(item.job.id);
    for (const path of pathsOf(item)) void drop(path);
  };
  offer(text("strip.removed", { name: item.name }), undo, settle);
}
