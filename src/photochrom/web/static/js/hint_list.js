// The hints of a photo as a list, for those who do not see the pins and for those who have many.
import { brush } from "./brush.js";
import { find, icon, make, onPhone } from "./dom.js";
import { hints } from "./hints.js";
import { focusPin } from "./pins.js";
import { session } from "./session.js";
import { modelOf } from "./settings.js";
import { kindOf } from "./shapes.js";
import { stage } from "./stage.js";
import { onLanguage, text } from "./texts.js";
import { zoom } from "./zoom.js";

let drawn = "";

function draw() {
  const settings = session.settings;
  if (!settings) return;
  const model = modelOf(settings);
  const able = Boolean(model?.hints);
  const none = able ? text(stage.tool === "hint" ? `hints.tap.${stage.shape}` : "hints.none") : text("tools.hint.none", { model: model?.name ?? "" });
  const film = session.current?.kind === "film" && able;
  find("hints-note").textContent = film ? `${none} ${text("film.hints")}` : none;
  find("hints-note").hidden = able && !film && hints.all.length > 0;
  find("hints-add").disabled = !able;
  find("hints-clear").hidden = hints.all.length < 2;
  const now = JSON.stringify([hints.all.map((hint) => [hint.color, kindOf(hint)]), document.documentElement.lang]);
  if (now === drawn) return; // a row that has the focus keeps it while its pin moves
  drawn = now;
  find("hints").replaceChildren(...hints.all.map((hint, index) => row(hint, index)));
}

/** @param {import("./settings.js").Hint} hint @param {number} index */
function row(hint, index) {
  const dot = make("span", { class: "dot" });
  dot.style.setProperty("--color", hint.color);
  const words = hints.name(index);
  const edit = make("button", { type: "button", class: "edit", on: { click: () => {
    stage.take("hint");
    zoom.reveal(hints.all[index].x / hints.photo.width, hints.all[index].y / hints.photo.height);
    hints.choose(index);
  } } }, dot, make("span", { text: words }));
  const erase = make("button", { type: "button", class: "delete", "aria-label": text("hints.delete", { number: index + 1 }), title: text("hints.delete", { number: index + 1 }), on: { click: () => {
    hints.remove(index);
    (find("hints").children[Math.min(index, hints.all.length - 1)]?.querySelector(".delete") ?? find("hints-add")).focus();
  } } }, icon("trash"));
  return make("li", {}, edit, erase);
}

/** Begin a hint in the middle of what is seen; the arrow keys take it from there. */
function add() {
  stage.take("hint");
  const { left, top, width, height } = zoom.view;
  const middle = zoom.locate({ clientX: left + width / 2, clientY: top + height / 2 });
  if (stage.shape !== "point") return brush.drawByKeys(middle);
  hints.begin(middle);
  if (!onPhone.matches) focusPin(hints.all.length);
}

export function startHintList() {
  session.on(["settings", "current"], draw);
  hints.addEventListener("change", draw);
  stage.addEventListener("tool", draw);
  onLanguage(draw);
  find("hints-add").addEventListener("click", add);
  find("hints-clear").addEventListener("click", () => {
    hints.clear();
    find("hints-add").focus();
  });
}
