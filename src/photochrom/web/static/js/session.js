// Which photos and films there are, which one is shown, and how it is set.
import { History } from "./history.js";
import { recall, remember } from "./memory.js";

/**
 * @typedef {object} Item
 * @property {string} key stable while the page is open
 * @property {"photo" | "film"} kind
 * @property {string} name
 * @property {string} state a key of texts state.*
 * @property {History} history
 * @property {any} [facts] the server's, of a photo
 * @property {any} [job] the server's, of a film: its last run
 * @property {any} [video] the server's, of a film that it has
 * @property {import("./shots.js").Shot} [shot] of a film: the one that is looked at
 * @property {any[]} [earlier] runs of a film before the last, that are done
 * @property {File} [file] not sent yet
 * @property {File} [source] as it was chosen here, of a photo that was sent
 * @property {boolean} [salvage] it is cut short or damaged, and taken all the same
 * @property {string} [thumb] URL of a small picture
 * @property {number} [progress] 0..1 while it is sent
 * @property {AbortController} [sending]
 * @property {{seed: number, options: any, first: string, found: any[]}} [variations]
 */

class Session extends EventTarget {
  /** @type {Item[]} */
  items = [];
  /** @type {Item | null} */
  current = null;
  /** counts what was done, so that it is known what was done last */
  steps = 0;
  #count = 0;
  /** @type {() => void} */
  #begun = () => {};
  /** what the server has is known @type {Promise<void>} */
  ready = new Promise((resolve) => { this.#begun = resolve; });

  begin() {
    this.#begun();
  }


  get settings() { return this.current?.history.settings ?? null; }
  get photos() { return this.items.filter((item) => item.kind === "photo" && item.facts && item.state !== "expired"); }

  /** @param {Omit<Item, "key" | "history">} item */
  add(item) {
    const id = item.facts?.id ?? item.video?.id ?? item.job?.id;
    const noted = (item.facts && recall(`edits:${item.facts.sha256}`)) ?? (id ? recall(`history:${id}`) : null);
    const added = { ...item, key: `item${this.#count++}`, history: new History(noted) };
    this.items.push(added);
    this.tell("items");
    return added;
  }

  /** What the server says of a photo that was sent. One that was edited before goes on where it was. @param {Item} item @param {any} facts */
  adopt(item, facts) {
    const noted = recall(`edits:${facts.sha256}`);
    if (noted && item.history.isNew) item.history = new History(noted);
    this.update(item, { facts, source: item.file ?? item.source, file: undefined, state: "waiting" });
    if (this.current !== item) return;
    this.tell("current");
    this.tell("settings");
  }

  /** Bring back what was removed. @param {Item} item @param {number} at */
  bring(item, at) {
    this.items.splice(at, 0, item);
    if (!this.current) this.show(item);
    this.tell("items");
  }

  /** @param {Item} item */
  remove(item) {
    const index = this.items.indexOf(item);
    if (index < 0) return;
    this.items.splice(index, 1);
    if (this.current === item) this.show(this.items[Math.min(index, this.items.length - 1)] ?? null);
    this.tell("items");
  }

  /** @param {Item | null} item */
  show(item) {
    if (this.current === item) return;
    this.current?.history.commit();
    this.current = item;
    const id = item?.facts?.id ?? item?.video?.id ?? item?.job?.id;
    if (id) remember("shown", id);
    this.tell("current");
    this.tell("settings");
  }

  /** @param {Item} item @param {Partial<Item>} changes */
  update(item, changes) {
    Object.assign(item, changes);
    this.tell("items");
  }

  /** Change the shown item's settings; `final` makes it a step that can be undone. @param {Partial<import("./settings.js").Settings>} patch */
  set(patch, { final = true } = {}) {
    if (!this.current) return;
    this.current.history.preview(patch);
    if (final) this.#settle(this.current);
    this.tell("settings");
  }

  /** End a change that was shown while it went on. */
  commit() {
    if (!this.current) return;
    this.#settle(this.current);
    this.tell("settings");
  }

  /** @param {Item} item @param {Partial<import("./settings.js").Settings>} patch */
  setOther(item, patch) {
    item.history.preview(patch);
    this.#settle(item);
  }

  /** @param {number} step */
  travel(step) {
    if (this.current) this.travelOther(this.current, step);
  }

  /** @param {Item} item @param {number} step */
  travelOther(item, step) {
    item.history.move(step);
    this.#note(item);
    this.steps += 1;
    this.tell("settings");
  }

  /** @param {Item} item */
  #settle(item) {
    const { at } = item.history;
    item.history.commit();
    if (item.history.at !== at) this.steps += 1;
    this.#note(item);
  }

  /** @param {Item} item */
  #note(item) {
    if (item.facts) remember(`edits:${item.facts.sha256}`, { ...item.history.note, time: Date.now() });
    else if (item.video ?? item.job) remember(`history:${(item.video ?? item.job).id}`, item.history.note);
  }

  /** @param {"items" | "current" | "settings"} what */
  tell(what) {
    this.dispatchEvent(new Event(what));
  }

  /** @param {("items" | "current" | "settings")[]} events @param {() => void} listener */
  on(events, listener) {
    for (const event of events) this.addEventListener(event, listener);
  }
}

/** A film is coloured as it was set when it was sent. @param {Item | null} item */
export const isSent = (item) => item?.kind === "film" && ["queued", "running", "done"].includes(item.state);

export const session = new Session();
