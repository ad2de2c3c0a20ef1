// Hints as pins on the photo: moved with the mouse, a finger or the arrow keys.
import { say } from "./alerts.js";
import { find, make } from "./dom.js";
import { hints } from "./hints.js";
import { session } from "./session.js";
import { stage } from "./stage.js";
import { onLanguage, percent, text } from "./texts.js";
import { zoom } from "./zoom.js";

const NEAR = 1; // screen pixels an arrow key moves a pin
const FAR = 10;
const SLACK = 4;

function draw() {
  const box = find("pins");
  const count = hints.photo ? hints.all.length + (hints.pending ? 1 : 0) : 0;
  while (box.children.length > count) box.lastElementChild.remove();
  while (box.children.length < count) box.append(pin(box.children.length));
  for (let index = 0; index < count; index++) {
    const hint = hints.all[index] ?? hints.pending;
    const element = box.children[index];
    element.style.left = `${(100 * hint.x) / hints.photo.width}%`;
    element.style.top = `${(100 * hint.y) / hints.photo.height}%`;
    element.style.setProperty("--color", hint.color ?? "transparent");
    element.classList.toggle("pending", !hint.color);
    element.classList.toggle("open", index === hints.open);
    element.setAttribute("aria-label", hints.describe(index));
    element.setAttribute("aria-expanded", String(index === hints.open));
  }
}

/** @param {number} index */
export function focusPin(index) {
  find("pins").children[index]?.focus({ preventScroll: true });
}

/** @param {number} index */
function pin(index) {
  const button = make("button", { type: "button", class: "pin", "aria-haspopup": "dialog" });
  /** @type {{x: number, y: number, dx: number, dy: number, moved: boolean} | null} */
  let grip = null;
  button.addEventListener("pointerdown", (/** @type {PointerEvent} */ event) => {
    if (event.button !== 0) return;
    event.stopPropagation();
    const box = button.getBoundingClientRect();
    button.setPointerCapture(event.pointerId);
    grip = { x: event.clientX, y: event.clientY, dx: box.left + box.width / 2 - event.clientX, dy: box.top + box.height / 2 - event.clientY, moved: false };
  });
  button.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => {
    if (!grip) return;
    grip.moved ||= Math.hypot(event.clientX - grip.x, event.clientY - grip.y) > SLACK;
    if (!grip.moved) return;
    button.classList.add("held");
    const { x, y } = zoom.locate({ clientX: event.clientX + grip.dx, clientY: event.clientY + grip.dy });
    hints.move(index, x * hints.photo.width, y * hints.photo.height);
  });
  const release = (/** @type {PointerEvent} */ event) => {
    if (!grip) return;
    const { moved } = grip;
    grip = null;
    button.classList.remove("held");
    if (moved) settle(index);
    else if (event.type === "pointerup") open(index);
  };
  button.addEventListener("pointerup", release);
  button.addEventListener("pointercancel", release);
  // a click that no pointer made: Enter, space, or a screen reader
  button.addEventListener("click", (/** @type {MouseEvent} */ event) => { if (event.detail === 0) open(index); });
  button.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => press(event, index));
  button.addEventListener("keyup", (/** @type {KeyboardEvent} */ event) => { if (event.key.startsWith("Arrow")) settle(index); });
  return button;
}

/** A hint that has no colour yet is open already. @param {number} index */
function open(index) {
  if (index < hints.all.length) hints.choose(index);
}

/** @param {KeyboardEvent} event @param {number} index */
function press(event, index) {
  const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const way = /** @type {any} */ (ways)[event.key];
  if (way) {
    const place = hints.all[index] ?? hints.pending;
    const step = (event.shiftKey ? FAR : NEAR) / zoom.scale;
    hints.move(index, place.x + way[0] * step, place.y + way[1] * step);
    const moved = hints.all[index] ?? hints.pending;
    zoom.reveal(moved.x / hints.photo.width, moved.y / hints.photo.height);
  } else if (event.key === "Delete" || event.key === "Backspace") {
    hints.remove(index);
    const left = find("pins").children.length;
    if (left) focusPin(Math.min(index, left - 1));
    else find("view").focus({ preventScroll: true });
  } else if (event.key === "Escape") hints.close();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

/** A pin lies where it was let go. @param {number} index */
function settle(index) {
  session.commit();
  const place = hints.all[index];
  if (place) say(text("hints.moved", { number: index + 1, x: percent(place.x / hints.photo.width), y: percent(place.y / hints.photo.height) }));
  hints.dispatchEvent(new Event("change"));
}

export function startPins() {
  session.on(["settings", "current", "items"], draw);
  hints.addEventListener("change", draw);
  onLanguage(draw);
  session.on(["current"], () => hints.close());
  stage.addEventListener("tool", () => { if (stage.tool !== "hint") hints.close(); });
  stage.addEventListener("place", (/** @type {any} */ event) => hints.begin(event.detail));
}
