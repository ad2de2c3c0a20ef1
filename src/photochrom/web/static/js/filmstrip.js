// All photos and films of this browser, to choose from, add to and remove.
import { say } from "./alerts.js";
import { find, icon, make } from "./dom.js";
import { chooseFiles } from "./intake.js";
import { forgetJob } from "./jobs.js";
import { remember } from "./memory.js";
import { address, call } from "./server.js";
import { session } from "./session.js";
import { transferable } from "./settings.js";
import { onLanguage, percent, text } from "./texts.js";

/** @param {import("./session.js").Item} item */
function stateWords(item) {
  return text(`state.${item.state}`, { percent: percent(item.job?.progress ?? 0) });
}

/** @param {import("./session.js").Item} item */
function stateMark(item) {
  if (["uploading", "queued", "running"].includes(item.state)) return [make("span", { class: "spinner" })];
  if (item.state === "failed") return [icon("warning")];
  if (item.kind === "film") return [icon(item.state === "done" ? "check" : "film")];
  return [];
}

/** @type {Map<string, any>} cards by item key, kept so that focus and scrolling stay */
const cards = new Map();

function draw() {
  const { items, current } = session;
  for (const [key, card] of cards) {
    if (items.some((item) => item.key === key)) continue;
    card.remove();
    cards.delete(key);
  }
  for (const item of items) {
    const card = cards.get(item.key) ?? makeCard(item);
    cards.set(item.key, card);
    const [show, state, remove] = card.children;
    const source = item.thumb ?? (item.facts ? address(`photos/${item.facts.id}/preview?max_size=192`) : "");
    const image = show.firstElementChild;
    image.hidden = !source;
    if (source && image.getAttribute("src") !== source) image.src = source;
    show.setAttribute("aria-label", text("strip.item", { name: item.name, state: stateWords(item) }));
    show.title = item.name;
    if (item === current) show.setAttribute("aria-current", "true");
    else show.removeAttribute("aria-current");
    if (state.dataset.state !== item.state) state.replaceChildren(...stateMark(item));
    state.dataset.state = item.state;
    state.classList.toggle("failed", item.state === "failed");
    remove.setAttribute("aria-label", text("strip.remove", { name: item.name }));
    remove.title = text("strip.remove", { name: item.name });
  }
  find("cards").replaceChildren(...items.map((item) => cards.get(item.key)), adder);
  find("menu-remove").hidden = !current;
  find("together").hidden = session.photos.length < 2;
  find("strip").classList.toggle("single", items.length < 2 && !find("zips").children.length);
}

/** @param {import("./session.js").Item} item */
function makeCard(item) {
  const show = make("button", { type: "button", class: "show", on: { click: () => session.show(item) } }, make("img", { alt: "" }));
  const remove = make("button", { type: "button", class: "remove", on: { click: () => discard(item) } }, icon("close"));
  return make("li", { class: "card" }, show, make("span", { class: "state", "aria-hidden": "true" }), remove);
}

const adder = make("li", {}, make("button", { type: "button", class: "add", id: "strip-add", on: { click: chooseFiles } }, icon("plus"), make("span", { "data-text": "strip.add" })));

/** @param {import("./session.js").Item} item */
async function discard(item) {
  item.sending?.abort();
  session.remove(item);
  say(text("strip.removed", { name: item.name }));
  (find("cards").querySelector("[aria-current]") ?? find(session.items.length ? "strip-add" : "choose")).focus();
  if (item.job) forgetJob(item.job.id);
  const path = item.facts ? `photos/${item.facts.id}` : item.job ? `jobs/${item.job.id}` : null;
  if (item.facts) remember(`history:${item.facts.id}`, null);
  // what is gone already is gone
  if (path) await call("DELETE", path).catch(() => {});
}

function applyToAll() {
  const { current, photos } = session;
  if (!current) return;
  const others = photos.filter((item) => item !== current);
  for (const item of others) session.setOther(item, structuredClone(transferable(current.history.settings)));
  session.tell("items");
  say(text("strip.all.done", { n: others.length }));
}

export function startFilmstrip() {
  find("apply-all").addEventListener("click", applyToAll);
  find("menu-remove").addEventListener("click", () => { if (session.current) discard(session.current); });
  session.on(["items", "current"], draw);
  onLanguage(() => {
    adder.querySelector("span").textContent = text("strip.add");
    adder.firstElementChild.title = text("strip.add.full");
    draw();
  });
}
