// Small coloured pictures for the filmstrip, made one after another when nothing else is asked of the server.
import { painter } from "./painter.js";
import { call, pause } from "./server.js";
import { session } from "./session.js";
import { toOptions } from "./settings.js";

const SIZE = 192;
const QUIET = 0.8; // seconds without a change before a thumbnail is made anew
/** @type {Map<string, string>} item key to what its thumbnail shows */
const made = new Map();
let going = false;

async function work() {
  if (going) return;
  going = true;
  for (let item = next(); item; item = next()) {
    await pause(QUIET);
    if (painter.busy || !session.photos.includes(item)) continue; // it may have gone or expired meanwhile
    const options = toOptions(item.history.settings);
    const key = JSON.stringify({ ...options, variation: undefined });
    const { id } = item.facts;
    made.set(item.key, mark(item));
    try {
      const answer = await call("POST", `photos/${id}/colorize`, { json: { options, output: "preview", max_size: SIZE } });
      const blob = await answer.blob();
      if (!session.photos.includes(item) || item.facts.id !== id) continue; // it keeps the state of one that expired
      const thumb = URL.createObjectURL(blob);
      if (item.thumb) URL.revokeObjectURL(item.thumb);
      session.update(item, { thumb, state: item.state === "failed" ? "failed" : key === "{}" ? "ready" : "edited" });
    } catch {
      // the strip shows the gray photo then; what is wrong is said when the photo is opened
    }
  }
  going = false;
}

/** A photo that is sent again has another id, and its thumbnail is made anew. @param {import("./session.js").Item} item */
const mark = (item) => JSON.stringify([item.facts.id, toOptions(item.history.settings)]);

const next = () => session.photos.find((item) => made.get(item.key) !== mark(item));

export function startThumbs() {
  session.on(["items", "settings"], work);
}
