// Small coloured pictures for the filmstrip, made one after another when nothing else is asked of the server.
import { painter } from "./painter.js";
import { call, pause } from "./server.js";
import { session } from "./session.js";
import { toOptions } from "./settings.js";

const SIZE = 192;
const QUIET = 0.8; // seconds without a change before a thumbnail is made anew
/** @type {Map<string, string>} item key to the settings its thumbnail shows */
const made = new Map();
let going = false;

async function work() {
  if (going) return;
  going = true;
  for (let item = next(); item; item = next()) {
    await pause(QUIET);
    if (painter.busy || !session.items.includes(item)) continue;
    const options = toOptions(item.history.settings);
    const key = JSON.stringify({ ...options, variation: undefined });
    made.set(item.key, JSON.stringify(options));
    try {
      const answer = await call("POST", `photos/${item.facts.id}/colorize`, { json: { options, output: "preview", max_size: SIZE } });
      const thumb = URL.createObjectURL(await answer.blob());
      if (item.thumb) URL.revokeObjectURL(item.thumb);
      session.update(item, { thumb, state: item.state === "failed" ? "failed" : key === "{}" ? "ready" : "edited" });
    } catch {
      // the strip shows the gray photo then; what is wrong is said when the photo is opened
    }
  }
  going = false;
}

const next = () => session.photos.find((item) => made.get(item.key) !== JSON.stringify(toOptions(item.history.settings)));

export function startThumbs() {
  session.on(["items", "settings"], work);
}
