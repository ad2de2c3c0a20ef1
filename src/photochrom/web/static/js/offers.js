// What can be taken back as one step: said for a while with a button, and the first thing that "undo" undoes.
import { say } from "./alerts.js";
import { find, iconButton, make } from "./dom.js";
import { session } from "./session.js";
import { text } from "./texts.js";

const OPEN = 60; // seconds
/** @type {{undo: () => void, settle: () => void, step: number, timer: number} | null} */
let open = null;

function end() {
  if (open) clearTimeout(open.timer);
  open = null;
  find("offer").hidden = true;
  find("offer").replaceChildren();
  session.tell("settings");
}

/** Do what cannot be taken back any more. */
export function settleOffer() {
  const settle = open?.settle;
  if (!open) return;
  end();
  settle?.();
}

/** Whether the last thing done is one that an offer can take back. */
export const canTakeBack = () => open !== null && open.step === session.steps;

/** Undo it. @returns {boolean} whether there was something */
export function takeBack() {
  if (!open || !canTakeBack()) return false;
  const { undo } = open;
  end();
  undo();
  say(text("offer.undone"));
  return true;
}

/**
 * Offer to take back what was just done.
 * @param {string} words what was done
 * @param {() => void} undo
 * @param {() => void} [settle] done when it cannot be taken back any more
 */
export function offer(words, undo, settle = () => {}) {
  settleOffer();
  open = { undo, settle, step: session.steps, timer: window.setTimeout(settleOffer, 1000 * OPEN) };
  const back = () => {
    const mine = open;
    if (!mine) return;
    end();
    mine.undo();
    say(text("offer.undone"));
  };
  find("offer").replaceChildren(
    make("p", { text: words }),
    make("button", { type: "button", class: "again", on: { click: back } }, make("span", { text: text("bar.undo") })),
    iconButton("close", text("alert.dismiss"), settleOffer));
  find("offer").hidden = false;
  say(words);
  session.tell("settings");
}

export function startOffers() {
  window.addEventListener("pagehide", () => {
    // nothing is drawn on a page that goes
    const settle = open?.settle;
    open = null;
    find("offer").hidden = true;
    settle?.();
  });
}
