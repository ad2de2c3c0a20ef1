// Keys for the whole page, and single letters that hold only while the photo has the focus.
import { find } from "./dom.js";
import { canTakeBack, takeBack } from "./offers.js";
import { saveSource } from "./saving.js";
import { session } from "./session.js";
import { showOriginal, stage } from "./stage.js";
import { zoom } from "./zoom.js";

const PAN = 60; // pixels

/** @param {KeyboardEvent} event */
function anywhere(event) {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || find("help").open) return;
  const key = event.key.toLowerCase();
  const typing = event.target instanceof HTMLInputElement && event.target.type === "text";
  if (key === "z" && !event.shiftKey && !typing && takeBack()) return event.preventDefault();
  if (!session.current) return;
  if (key === "s") saveSource();
  else if (typing) return;
  else if (key === "z") session.travel(event.shiftKey ? 1 : -1);
  else if (key === "y") session.travel(1);
  else return;
  event.preventDefault();
}

/** @param {KeyboardEvent} event */
function onPhoto(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const ways = { ArrowLeft: [PAN, 0], ArrowRight: [-PAN, 0], ArrowUp: [0, PAN], ArrowDown: [0, -PAN] };
  const way = /** @type {any} */ (ways)[event.key];
  const key = event.key.toLowerCase();
  if (way && (event.shiftKey || event.target === find("view"))) zoom.pan(way[0], way[1]);
  else if (key === "+" || key === "=") zoom.in();
  else if (key === "-") zoom.out();
  else if (key === "0") zoom.fit();
  else if (key === "1") zoom.real();
  else if (key === "h" && !find("tool-hint").disabled) stage.take(stage.tool === "hint" ? "compare" : "hint");
  else if (key === "c") find("confidence").click();
  else if (key === "o" && !find("original").disabled) hold(true);
  else return;
  event.preventDefault();
}

let held = false; // by the key; the button looks after itself

/** @param {boolean} down */
function hold(down) {
  if (held !== down) showOriginal(down);
  held = down;
}

function drawSteps() {
  const history = session.current?.history;
  for (const id of ["undo", "redo"]) find(id).hidden = !history;
  find("undo").disabled = !history?.canUndo && !canTakeBack();
  find("redo").disabled = !history?.canRedo;
}

export function startKeyboard() {
  document.addEventListener("keydown", anywhere);
  find("view").addEventListener("keydown", onPhoto);
  find("view").addEventListener("keyup", (/** @type {KeyboardEvent} */ event) => { if (event.key.toLowerCase() === "o") hold(false); });
  find("view").addEventListener("focusout", () => hold(false));
  find("undo").addEventListener("click", () => { if (!takeBack()) session.travel(-1); });
  find("redo").addEventListener("click", () => session.travel(1));
  session.on(["current", "settings"], drawSteps);
}
