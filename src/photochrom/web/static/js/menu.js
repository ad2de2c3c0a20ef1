// Menus below their buttons.
import { clamp, find } from "./dom.js";

const WIDEST = 340; // pixels of a menu, as base.css has it

/** Open a menu under its button and inside the window. @param {string} id @param {string} button */
export function anchor(id, button) {
  const menu = find(id);
  menu.addEventListener("toggle", (/** @type {any} */ event) => {
    find(button).setAttribute("aria-expanded", String(event.newState === "open"));
    if (event.newState === "open") menu.querySelector("button:not([hidden])").focus();
  });
  menu.addEventListener("beforetoggle", (/** @type {any} */ event) => {
    if (event.newState !== "open") return;
    const box = find(button).getBoundingClientRect();
    const room = document.documentElement.clientWidth;
    menu.style.top = `${box.bottom + 6}px`;
    menu.style.right = `${clamp(room - box.right, 8, Math.max(room - WIDEST - 8, 8))}px`;
  });
  menu.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const buttons = [...menu.querySelectorAll("button:not([hidden])")];
    const at = buttons.indexOf(document.activeElement);
    const way = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!way || at < 0) return;
    event.preventDefault();
    buttons[(at + way + buttons.length) % buttons.length].focus();
  });
  for (const entry of menu.querySelectorAll("button")) entry.addEventListener("click", () => menu.hidePopover());
}
