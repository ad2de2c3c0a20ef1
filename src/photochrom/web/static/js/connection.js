// Whether the server is there. While it is not, a banner says so, and what is asked of it waits and goes on by itself.
import { find } from "./dom.js";

const BETWEEN = 1.5; // seconds between questions whether it is back
const HEALTH = new URL("api/v1/health", document.baseURI);
/** @type {Promise<void> | null} */
let coming = null;

/** An answer of a proxy whose server is away. @param {number} status */
export const isAway = (status) => status === 502 || status === 504;

async function watch() {
  find("away").hidden = false;
  for (;;) {
    await new Promise((resolve) => { setTimeout(resolve, 1000 * BETWEEN); });
    try {
      if ((await fetch(HEALTH, { cache: "no-store" })).ok) break;
    } catch {} // still away
  }
  find("away").hidden = true;
  coming = null;
}

/**
 * Wait until the server is back.
 * @param {AbortSignal} [signal]
 * @returns {Promise<void>}
 */
export function waitForServer(signal) {
  coming ??= watch();
  const back = coming;
  return new Promise((resolve, reject) => {
    back.then(resolve);
    signal?.addEventListener("abort", () => reject(new DOMException("", "AbortError")));
  });
}
