// Images that a busy server refused are asked for again; the browser itself would leave them broken.
import { call, ROOT } from "./server.js";

/** the URL that was asked for anew, so that one that stays refused is not asked for without end @type {WeakMap<HTMLImageElement, string>} */
const again = new WeakMap();

/** @param {Event} event */
async function retry({ target }) {
  if (!(target instanceof HTMLImageElement)) return;
  const { src } = target;
  if (!src.startsWith(ROOT.href) || again.get(target) === src) return;
  again.set(target, src);
  try {
    await call("GET", src.slice(ROOT.href.length)); // waits as long as the server says
  } catch {
    return; // what is wrong with a photo is said where it is opened
  }
  if (target.src === src) target.src = src;
}

export function startImages() {
  document.addEventListener("error", retry, true); // this event does not bubble
}
