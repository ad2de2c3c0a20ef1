// The frame around the photo: what is open, menus, tabs on a phone, appearance and language.
import { find, make } from "./dom.js";
import { recall, remember } from "./memory.js";
import { anchor } from "./menu.js";
import { session } from "./session.js";
import { chooseLanguage, currentLanguage, languages, onLanguage, text } from "./texts.js";

/** when the dark sheet holds @type {Record<string, string>} */
const MEDIA = { auto: "(prefers-color-scheme: dark)", dark: "all", light: "not all" };

function drawOpen() {
  const item = session.current;
  find("welcome").hidden = session.items.length > 0;
  find("desk").hidden = !session.items.length;
  document.body.classList.toggle("empty", !session.items.length);
  find("facts").replaceChildren(...(item ? [make("b", { text: item.name, title: item.name }), ...facts(item)] : []));
}

/** @param {import("./session.js").Item} item */
function facts({ facts }) {
  if (!facts) return [];
  const { width, height, format, bits, pages } = facts;
  const words = [text("facts.photo", { width: String(width), height: String(height), format })];
  if (bits > 8) words.push(text("facts.bits", { bits }));
  const warn = pages > 1 ? text("facts.pages", { n: pages }) : facts.has_color ? text("facts.color") : "";
  return [make("span", { text: words.join(", ") }), ...(warn ? [make("span", { class: "warn", text: warn, title: warn })] : [])];
}

/** @param {string} name of a group of settings */
function chooseTab(name) {
  for (const button of find("tabs").children) button.setAttribute("aria-pressed", String(button.dataset.tab === name));
  for (const group of find("panel").querySelectorAll(".group")) group.classList.toggle("chosen", group.id === `panel-${name}`);
}

/** @param {string} theme */
function chooseTheme(theme) {
  remember("theme", theme);
  find("dark").media = MEDIA[theme] ?? MEDIA.auto;
}

export function startFrame() {
  session.on(["items", "current"], drawOpen);
  onLanguage(drawOpen);
  anchor("menu", "menu-button");
  anchor("save-menu", "save-more");
  for (const button of find("tabs").children) button.addEventListener("click", () => chooseTab(button.dataset.tab));
  session.on(["current"], () => { if (session.current?.kind === "film") chooseTab("color"); });
  const theme = find("theme");
  theme.value = recall("theme") ?? "auto";
  chooseTheme(theme.value);
  theme.addEventListener("change", () => chooseTheme(theme.value));
  const language = find("language");
  language.replaceChildren(...languages.map(({ code, name }) => make("option", { value: code, text: name, lang: code })));
  language.value = currentLanguage();
  language.addEventListener("change", () => chooseLanguage(language.value));
}
