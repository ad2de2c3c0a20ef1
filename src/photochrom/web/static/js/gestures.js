// What fingers, the mouse and the wheel do to the photo.
// One finger: the divider, a hint, drawing one, or moving a closer view. Two fingers: zoom and move. Wheel: zoom.
import { brush } from "./brush.js";
import { comparison, slideTo } from "./comparison.js";
import { find } from "./dom.js";
import { stage } from "./stage.js";
import { zoom } from "./zoom.js";

const SLACK = 5; // pixels a finger may slip and still tap

export function startGestures() {
  const view = find("view");
  /** @type {Map<number, PointerEvent>} */
  const fingers = new Map();
  /** @type {{x: number, y: number, moved: boolean, divider: boolean, draws: boolean} | null} */
  let press = null;

  view.addEventListener("pointerdown", (/** @type {any} */ event) => {
    if (event.target.closest(".pin") || (event.button !== 0 && event.button !== 1)) return;
    if (event.isPrimary) fingers.clear(); // the first finger: whatever else is still noted was lifted without a word
    fingers.set(event.pointerId, event);
    view.setPointerCapture(event.pointerId);
    const slider = event.target.closest("#slider");
    if (slider) slider.focus({ preventScroll: true });
    const divider = event.button === 0 && comparison.on && !stage.aiming && (Boolean(slider) || !zoom.close);
    const draws = event.button === 0 && brush.ready;
    // a second finger zooms: what the first began to draw was none
    if (fingers.size > 1) brush.drop();
    press = fingers.size > 1 ? null : { x: event.clientX, y: event.clientY, moved: false, divider, draws };
    if (press?.divider && (slider || event.pointerType === "mouse")) slideTo(event);
    if (event.button === 1) event.preventDefault();
  });

  view.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    if (fingers.size === 2) {
      const other = [...fingers.entries()].find(([id]) => id !== event.pointerId)?.[1];
      if (other) pinch(before, event, other);
    } else if (press) {
      press.moved ||= Math.hypot(event.clientX - press.x, event.clientY - press.y) > SLACK;
      if (press.moved && press.divider) slideTo(event);
      else if (press.moved && press.draws) trace(press, event);
      else if (press.moved && zoom.close) {
        view.classList.add("dragging");
        zoom.pan(event.clientX - before.clientX, event.clientY - before.clientY);
      }
    }
    fingers.set(event.pointerId, event);
  });

  const lift = (/** @type {PointerEvent} */ event) => {
    if (!fingers.delete(event.pointerId)) return;
    view.classList.remove("dragging");
    if (event.type === "pointerup" && press?.draws && press.moved) brush.end();
    else if (event.type === "pointerup" && press && !press.moved && event.button === 0) tap(event);
    else brush.drop();
    press = null;
  };
  view.addEventListener("pointerup", lift);
  view.addEventListener("pointercancel", lift);

  view.addEventListener("wheel", (/** @type {WheelEvent} */ event) => {
    event.preventDefault();
    const { left, top } = zoom.view;
    const pixels = event.deltaMode === 0 ? event.deltaY : 24 * event.deltaY;
    zoom.by(Math.exp(-pixels / (event.ctrlKey ? 120 : 420)), { x: event.clientX - left, y: event.clientY - top });
  }, { passive: false });
}

/** @param {{x: number, y: number}} from where it was pressed @param {PointerEvent} event */
function trace(from, event) {
  if (!brush.path.length) brush.draw(zoom.locate({ clientX: from.x, clientY: from.y }));
  const between = event.getCoalescedEvents?.() ?? [];
  for (const each of between.length ? between : [event]) brush.draw(zoom.locate(each));
}

/** @param {PointerEvent} before @param {PointerEvent} event @param {PointerEvent} other */
function pinch(before, event, other) {
  const { left, top } = zoom.view;
  const apart = (/** @type {PointerEvent} */ a) => Math.hypot(a.clientX - other.clientX, a.clientY - other.clientY);
  const middle = { x: (before.clientX + other.clientX) / 2 - left, y: (before.clientY + other.clientY) / 2 - top };
  zoom.by(apart(event) / Math.max(apart(before), 1), middle);
  zoom.pan((event.clientX - before.clientX) / 2, (event.clientY - before.clientY) / 2);
}

/** @param {PointerEvent} event */
function tap(event) {
  const place = zoom.locate(event);
  if (place.x < 0 || place.x > 1 || place.y < 0 || place.y > 1) return;
  if (stage.aiming) stage.aiming(place);
  else if (comparison.on && !zoom.close) slideTo(event);
  else if (stage.tool === "hint") stage.dispatchEvent(new CustomEvent("place", { detail: place }));
}
