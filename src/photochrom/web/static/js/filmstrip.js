// All photos and films of this browser, to choose from, add to and remove.
import { find, icon, make } from "./dom.js";
import { chooseFiles } from "./intake.js";
import { notesOf } from "./jobs.js";
import { offer } from "./offers.js";
import { discard } from "./removal.js";
import { address } from "./server.js";
import { session } from "./session.js";
import { same, transferable } from "./settings.js";
import { onLanguage, percent, text } from "./texts.js";

/** @param {import("./session.js").Item} item */
function stateWords(item) {
  return text(`state.${isWarned(item) ? "warned" : item.state}`, { percent: percent(item.job?.progress ?? item.progress ?? 0) });
}

/** @param {import("./session.js").Item} item */
const isWarned = (item) => item.state === "done" && notesOf(item.job).length > 0;

/** @param {import("./session.js").Item} item */
function stateMark(item) {
  if (["uploading", "queued", "running"].includes(item.state)) return [make("span", { class: "spinner" })];
  if (["failed", "expired"].includes(item.state) || isWarned(item)) return [icon("warning")];
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
    const [show, state, remove, words] = card.children;
    words.firstElementChild.textContent = item.name;
    words.lastElementChild.textContent = stateWords(item);
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
  find("grid").hidden = items.length < 2;
  if (items.length < 2) useGrid(false);
  find("strip").classList.toggle("single", items.length < 2 && !find("zips").children.length);
}

/** @param {import("./session.js").Item} item */
function makeCard(item) {
  const show = make("button", { type: "button", class: "show", on: { click: () => { session.show(item); useGrid(false); } } }, make("img", { alt: "" }));
  const remove = make("button", { type: "button", class: "remove", on: { click: () => discard(item) } }, icon("close"));
  const words = make("span", { class: "words", "aria-hidden": "true" }, make("b"), make("span"));
  return make("li", { class: "card" }, show, make("span", { class: "state", "aria-hidden": "true" }), remove, words);
}

const adder = make("li", {}, make("button", { type: "button", class: "add", id: "strip-add", on: { click: chooseFiles } }, icon("plus"), make("span", { "data-text": "strip.add" })));

/** All of them as a grid in the place of the photo, with names and states. @param {boolean} on */
function useGrid(on) {
  find("desk").classList.toggle("gridded", on);
  find("grid").setAttribute("aria-pressed", String(on));
}

function applyToAll() {
  const { current, photos } = session;
  if (!current) return;
  const others = photos.filter((item) => item !== current);
  const before = others.map((item) => item.history.settings);
  for (const item of others) session.setOther(item, structuredClone(transferable(current.history.settings)));
  // one that was set like that already has nothing to take back
  const applied = others.map((item, index) => (item.history.settings === item.history.states[item.history.at] && !same(item.history.settings, before[index]) ? item.history.settings : null));
  session.tell("items");
  const undo = () => {
    // a photo that was changed since keeps that
    for (const [index, item] of others.entries()) if (item.history.settings === applied[index]) session.travelOther(item, -1);
    session.tell("items");
  };
  offer(text("strip.all.done", { n: others.length }), undo);
}

export function startFilmstrip() {
  find("grid").addEventListener("click", () => useGrid(!find("desk").classList.contains("gridded")));
  find("apply-all").addEventListener("click", applyToAll);
  find("menu-remove").addEventListener("click", () => { if (session.current) discard(session.current); });
  session.on(["items", "current"], draw);
  onLanguage(() => {
    adder.querySelector("span").textContent = text("strip.add");
    adder.firstElementChild.title = text("strip.add.full");
    draw();
  });
}
