// Following what the server works at for a while: films, and zips of many photos.
import { icon, make } from "./dom.js";
import { address, callJson, pause, ServerError } from "./server.js";
import { refused, text } from "./texts.js";

const BETWEEN = 2; // seconds between questions where events do not come through
const FINAL = ["done", "failed", "cancelled"];

/** @type {Map<string, AbortController>} */
const followed = new Map();

/** @param {any} job */
export const isOver = (job) => FINAL.includes(job.status);

/** Why a job failed, in the reader's language where it has words for it. @param {any} job @returns {string} */
export const reasonOf = (job) => refused(job?.error_code ?? "") ?? job?.error ?? "";

/**
 * What was changed or left out, in the reader's language where it has words for it.
 * @param {any} job @returns {string[]}
 */
export function notesOf(job) {
  if (job?.left_out?.length) return job.left_out.map((/** @type {any} */ { name, code, reason }) => text("note.left", { name, reason: refused(code) ?? reason }));
  return job?.notes ?? [];
}

/** The warnings of a finished job, folded away behind their number; null where there are none. @param {any} job */
export function warnings(job) {
  const notes = notesOf(job);
  if (!notes.length) return null;
  return make("details", { class: "warnings" },
    make("summary", {}, icon("warning"), make("span", { text: text("note.some", { n: notes.length }) })),
    make("ul", {}, ...notes.map((note) => make("li", { text: note }))));
}

/**
 * Tell every change of a job until it is over.
 * @param {any} job as the server gave it
 * @param {(job: any) => void} tell
 * @param {(error: unknown) => void} fail the job is gone
 */
export async function followJob(job, tell, fail) {
  tell(job);
  if (isOver(job) || followed.has(job.id)) return;
  const stop = new AbortController();
  followed.set(job.id, stop);
  try {
    const last = await listen(job.id, tell, stop.signal);
    if (!last || !isOver(last)) await poll(job.id, tell, stop.signal);
  } catch (error) {
    if (!stop.signal.aborted) fail(error);
  }
  followed.delete(job.id);
}

/** @param {string} id */
export function forgetJob(id) {
  followed.get(id)?.abort();
}

/** @param {string} id @param {(job: any) => void} tell @param {AbortSignal} signal @returns {Promise<any>} the last that was heard */
function listen(id, tell, signal) {
  return new Promise((resolve) => {
    const events = new EventSource(address(`jobs/${id}/events`));
    /** @type {any} */
    let last = null;
    const end = () => {
      events.close();
      resolve(last);
    };
    events.addEventListener("progress", (event) => {
      last = JSON.parse(event.data);
      if (!signal.aborted) tell(last);
      if (isOver(last)) end();
    });
    events.onerror = end; // a proxy in between may cut them off; asking goes on
    signal.addEventListener("abort", end);
  });
}

/** @param {string} id @param {(job: any) => void} tell @param {AbortSignal} signal */
async function poll(id, tell, signal) {
  for (;;) {
    try {
      const job = await callJson("GET", `jobs/${id}`, { signal });
      tell(job);
      if (isOver(job)) return;
    } catch (error) {
      if (!(error instanceof ServerError) || (error.status !== 0 && error.status !== 503)) throw error;
    }
    await pause(BETWEEN, signal);
  }
}
