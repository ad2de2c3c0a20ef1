// What is said aloud: a quiet status for screen readers, and errors in a box that can be dismissed.
import { find, icon, iconButton, make } from "./dom.js";
import { text } from "./texts.js";

/** @param {string} words */
export function say(words) {
  find("status").textContent = words;
}

/**
 * Show an error's sentence until it is dismissed; the same one is shown once.
 * @param {unknown} error
 * @param {() => void} [again] what may be tried again
 * @param {string} [label] what that is
 */
export function complain(error, again, label) {
  if (error instanceof DOMException && error.name === "AbortError") return;
  const words = error instanceof Error ? error.message : String(error);
  if (!(error instanceof Error && "status" in error)) console.error(error);
  const alerts = find("alerts");
  if ([...alerts.querySelectorAll("p")].some((shown) => shown.textContent === words)) return;
  const before = document.activeElement;
  const box = make("div", { class: "alert", role: "alert" }, icon("warning"), make("p", { text: words }));
  const dismiss = () => {
    box.remove();
    if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
  };
  if (again) box.append(make("button", { type: "button", class: "again", on: { click: () => { dismiss(); again(); } } }, make("span", { text: label ?? text("alert.again") })));
  box.append(iconButton("close", text("alert.dismiss"), dismiss));
  alerts.append(box);
  while (alerts.children.length > 4) alerts.children[alerts.firstElementChild?.querySelector(".files") ? 1 : 0].remove(); // a list of files stays
}

/**
 * Tell what is wrong with one of several files: all of them in one box, each on a line of its own.
 * @param {string} name @param {string} reason
 * @param {{label: string, act: () => void}} [way] what may be done with it all the same
 */
export function complainOf(name, reason, way) {
  const alerts = find("alerts");
  let list = alerts.querySelector(".files");
  if (!list) {
    list = make("ul", { class: "files" });
    const box = make("div", { class: "alert", role: "alert" }, icon("warning"), make("div", { class: "told" }, make("p", {}), list));
    box.append(iconButton("close", text("alert.dismiss"), () => box.remove()));
    alerts.prepend(box);
  }
  const line = make("li", { text: reason.includes(name) ? reason : `${name}: ${reason}` });
  const count = () => { list.previousElementSibling.textContent = text("alert.files", { n: list.children.length }); };
  if (way) {
    const act = () => {
      line.remove();
      if (list.children.length) count();
      else list.closest(".alert").remove();
      way.act();
    };
    line.append(make("button", { type: "button", class: "again", on: { click: act } }, make("span", { text: way.label })));
  }
  list.append(line);
  count();
}
