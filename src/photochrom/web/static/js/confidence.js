// The view that shows how sure the network is.
import { complain } from "./alerts.js";
import { find } from "./dom.js";
import { painter } from "./painter.js";
import { call } from "./server.js";
import { session } from "./session.js";
import { modelOf, toOptions } from "./settings.js";
import { onLanguage, text } from "./texts.js";

const SIZE = 1280;
/** @type {AbortController | null} */
let running = null;
let url = "";

export const confidence = {
  on: false,

  /** @param {boolean} on */
  use(on) {
    this.on = on;
    if (on) ask();
    else forget();
    draw();
  },
};

function forget() {
  running?.abort();
  running = null;
  if (url) URL.revokeObjectURL(url);
  url = "";
}

async function ask() {
  const item = session.current;
  if (!item?.facts) return;
  running?.abort();
  const mine = new AbortController();
  running = mine;
  try {
    const answer = await call("POST", `photos/${item.facts.id}/confidence`, { json: { options: toOptions(item.history.settings), max_size: SIZE }, signal: mine.signal });
    const found = URL.createObjectURL(await answer.blob());
    const image = new Image();
    image.src = found;
    await image.decode();
    if (running !== mine || session.current !== item) return URL.revokeObjectURL(found);
    if (url) URL.revokeObjectURL(url);
    url = found;
    find("sureness").src = url;
    draw();
  } catch (error) {
    if (running !== mine) return;
    complain(error);
    confidence.use(false);
  }
}

function draw() {
  const item = session.current;
  const model = item && modelOf(item.history.settings);
  const able = Boolean(model?.confidence && item?.kind === "photo" && painter.shown?.item === item);
  const on = confidence.on && able;
  const button = find("confidence");
  button.disabled = !able;
  button.setAttribute("aria-pressed", String(on));
  const words = model && !model.confidence ? text("tools.confidence.none", { model: model.name }) : text("tools.confidence.full");
  button.title = words;
  find("sureness").hidden = !on || !url;
  find("tag-after").textContent = text(on && url ? "tools.confidence" : "stage.color");
  find("legend").hidden = !on;
  find("stage").classList.toggle("unsure", on && Boolean(url));
}

export function startConfidence() {
  find("confidence").addEventListener("click", () => confidence.use(!confidence.on));
  painter.addEventListener("painted", () => {
    if (confidence.on) ask();
    draw();
  });
  session.on(["settings", "current"], draw);
  onLanguage(draw);
}
