// What the colours are, what is kept, and the keys.
import { find, make } from "./dom.js";
import { text } from "./texts.js";

/** Rows of keys; a row of one text is a heading. */
const KEYS = () => {
  const [ctrl, shift, arrows] = [text("key.ctrl"), text("key.shift"), text("key.arrows")];
  return [
    [[[ctrl, "Z"]], text("help.keys.undo")],
    [[[ctrl, shift, "Z"]], text("help.keys.redo")],
    [[[ctrl, "S"]], text("help.keys.save")],
    [text("help.keys.stage")],
    [[["+"], ["−"], ["0"]], text("help.keys.zoom")],
    [[["1"]], text("help.keys.real")],
    [[[shift, arrows]], text("help.keys.pan")],
    [[["H"]], text("help.keys.hint")],
    [[["O"]], text("help.keys.original")],
    [[["C"]], text("help.keys.confidence")],
    [text("help.keys.pin")],
    [[[arrows]], text("help.keys.move")],
    [[[text("key.enter")]], text("help.keys.edit")],
    [[[text("key.delete")]], text("help.keys.delete")],
  ];
};

/** @param {string[]} keys pressed together */
const together = (keys) => keys.flatMap((key, at) => [...(at ? ["+"] : []), make("kbd", { text: key })]);

function rows() {
  return KEYS().flatMap(([keys, words]) => {
    if (words === undefined) return [make("dt", { class: "over", text: keys })];
    const shown = /** @type {string[][]} */ (keys).flatMap((combination, at) => [...(at ? [" "] : []), ...together(combination)]);
    return [make("dt", {}, ...shown), make("dd", { text: words })];
  });
}

function show() {
  const dialog = find("help");
  find("menu").hidePopover();
  const close = make("button", { type: "button", class: "primary", on: { click: () => dialog.close() } }, make("span", { text: text("dialog.close") }));
  dialog.replaceChildren(make("div", { class: "inside" },
    make("h2", { id: "help-title", tabindex: -1, autofocus: true, text: text("help.title") }),
    make("h3", { text: text("help.guess.title") }), make("p", { text: text("help.guess") }),
    make("h3", { text: text("help.kept.title") }), make("p", { text: text("help.kept") }),
    make("h3", { text: text("help.keys.title") }), make("dl", {}, ...rows()),
    make("div", { class: "ending" }, close)));
  dialog.showModal();
}

export function startHelp() {
  find("menu-help").addEventListener("click", show);
}
