// The one place that talks to the server.
import { isAway, waitForServer } from "./connection.js";
import { askForKey } from "./sign_in.js";
import { refused, text } from "./texts.js";

/** of the API */
export const ROOT = new URL("api/v1/", document.baseURI);
const MOST_TRIES = 60;
const LONGEST_WAIT = 10; // seconds; longer than that a person is told instead

/** The server said no; the message is its sentences, or what they mean in the reader's language. */
export class ServerError extends Error {
  /** @param {string} message @param {number} status 0 where there was no answer @param {string} [code] @param {any} [body] */
  constructor(message, status, code = "", body = null) {
    super(message);
    this.status = status;
    this.code = code;
    this.body = body;
  }
}

/** @param {string} path under the API */
export const address = (path) => new URL(path.replace(/^\//, ""), ROOT).href;

/** A URL the server gave, which may be a path from its root. @param {string} url */
export const follow = (url) => new URL(url, ROOT).href;

/**
 * Send until there is an answer of the server itself.
 * @template {{status: number}} Answer
 * @param {() => Promise<Answer>} send @param {AbortSignal} [signal] @returns {Promise<Answer>}
 */
async function reach(send, signal) {
  for (;;) {
    try {
      const answer = await send();
      if (answer.status === 401) {
        await askForKey();
        continue;
      }
      if (!isAway(answer.status)) return answer;
    } catch (error) {
      if (signal?.aborted) throw new DOMException("", "AbortError");
      if (error instanceof DOMException && error.name === "AbortError") throw error;
    }
    await waitForServer(signal);
  }
}

/**
 * Call the API; a busy server is asked once more after the time it names, and one that is away when it is back.
 * @param {string} method @param {string} path
 * @param {{json?: unknown, form?: FormData, signal?: AbortSignal}} [options]
 * @returns {Promise<Response>}
 */
export async function call(method, path, { json, form, signal } = {}) {
  const ask = () => reach(() => fetch(address(path), {
    method, signal,
    headers: json === undefined ? {} : { "Content-Type": "application/json" },
    body: json === undefined ? form : JSON.stringify(json),
  }), signal);
  let answer = await ask();
  if (answer.status === 503) {
    await pause(waitOf(answer.headers.get("Retry-After")), signal);
    answer = await ask();
  }
  if (!answer.ok) throw await refusal(answer.status, await answer.text());
  return answer;
}

/** @param {string} method @param {string} path @param {Parameters<typeof call>[2]} [options] @returns {Promise<any>} */
export async function callJson(method, path, options) {
  return (await call(method, path, options)).json();
}

/**
 * Send a form and hear how far it is, which fetch cannot tell.
 * @param {string} path @param {FormData} form
 * @param {{onprogress?: (share: number) => void, signal?: AbortSignal}} [options]
 * @returns {Promise<any>} the answer's JSON
 */
export async function upload(path, form, { onprogress, signal } = {}) {
  const key = newKey(); // sent again, it is taken once
  const ask = () => new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", address(path));
    request.setRequestHeader("Idempotency-Key", key);
    request.upload.onprogress = (event) => { if (event.lengthComputable) onprogress?.(event.loaded / event.total); };
    request.onload = () => resolve(request);
    request.onerror = () => reject(new ServerError(text("error.offline"), 0));
    request.onabort = () => reject(new DOMException("", "AbortError"));
    signal?.addEventListener("abort", () => request.abort());
    request.send(form);
  });
  const send = () => reach(ask, signal);
  let request = await send();
  // busy, or the first try of this upload is still in work
  for (let tries = 0; (request.status === 503 && tries < 1) || (request.status === 409 && tries < MOST_TRIES); tries += 1) {
    await pause(waitOf(request.getResponseHeader("Retry-After")), signal);
    request = await send();
  }
  if (request.status >= 400) throw await refusal(request.status, request.responseText);
  return JSON.parse(request.responseText);
}

/** @param {number} status @param {string} body */
async function refusal(status, body) {
  try {
    const problem = JSON.parse(body);
    if (!problem.code) throw new Error("not a problem of ours");
    return new ServerError(refused(problem.code) ?? `${problem.detail} ${problem.remedy}`.trim(), status, problem.code, problem);
  } catch {
    return new ServerError(status === 503 ? text("error.busy") : text("error.strange", { status: String(status) }), status);
  }
}

const newKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** @param {string | null} header */
const waitOf = (header) => Math.min(Number(header) || 1, LONGEST_WAIT);

/** @param {number} seconds @param {AbortSignal} [signal] */
export function pause(seconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, 1000 * seconds);
    signal?.addEventListener("abort", () => { clearTimeout(timer); reject(new DOMException("", "AbortError")); });
  });
}
