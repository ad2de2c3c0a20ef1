// Words and numbers in the reader's language.
import en from "../texts/en.js";
import { listLanguages, loadTexts } from "./languages.js";
import { recall, remember } from "./memory.js";

const LANGUAGES = await listLanguages();
const asked = [recall("language"), ...navigator.languages].map((tag) => String(tag).slice(0, 2));
let language = asked.find((tag) => tag in LANGUAGES) ?? "en";
/** the words in use, and what refusals mean in them @type {{default: Record<string, any>, refusals?: Record<string, string>}} */
let words = await loadTexts(language);
const listeners = new Set();
/** English is written with other dates in London than in Boston. */
const locale = () => navigator.languages.find((tag) => tag.slice(0, 2) === language) ?? language;

/** words of another page, beside these or in their place @type {Record<string, Record<string, any>>} */
const added = {};
/** Put other words beside these or in their place, for another page. @param {Record<string, Record<string, any>>} words by language */
export function addTexts(words) {
  for (const [code, texts] of Object.entries(words)) added[code] = { ...added[code], ...texts };
}

export const languages = Object.entries(LANGUAGES).map(([code, name]) => ({ code, name }));
export const currentLanguage = () => language;

/**
 * A text with its blanks filled in.
 * @param {string} key of texts/en.js
 * @param {Record<string, string | number>} [blanks] `n` chooses the plural form
 */
export function text(key, blanks = {}) {
  let found = added[language]?.[key] ?? words.default[key] ?? added.en?.[key] ?? /** @type {Record<string, any>} */ (en)[key]; // what a translator has not come to yet
  if (found === undefined) throw new Error(`there is no text ${key}`);
  if (typeof found === "object") found = found[new Intl.PluralRules(language).select(Number(blanks.n))] ?? found.other;
  return found.replace(/\{(\w+)\}/g, (/** @type {string} */ _, /** @type {string} */ name) => (typeof blanks[name] === "number" ? number(blanks[name]) : blanks[name]));
}

/**
 * What a refusal of the server means in the reader's language; undefined where the server's own sentence serves.
 * @param {string} code whose area serves where it has no text of its own
 * @returns {string | undefined}
 */
export function refused(code) {
  return words.refusals?.[code] ?? words.refusals?.[code.split(".")[0]];
}

/** by language and options, for making one takes a thousand times as long as using it @type {Map<string, Intl.NumberFormat>} */
const formats = new Map();
/** @param {any} value @param {Intl.NumberFormatOptions} [options] */
export function number(value, options) {
  const key = JSON.stringify([locale(), options]);
  const format = formats.get(key) ?? new Intl.NumberFormat(locale(), options);
  formats.set(key, format);
  return format.format(value);
}
/** @type {(value: number) => string} */
export const percent = (value) => number(value, { style: "percent", maximumFractionDigits: 0 });
/** @type {(items: string[]) => string} */
export const list = (items) => new Intl.ListFormat(language, { type: "disjunction" }).format(items);

/** A time span as people say it. @param {number} seconds */
export function span(seconds) {
  const [value, unit] = seconds < 90 ? [seconds, "second"] : seconds < 3600 ? [seconds / 60, "minute"] : [seconds / 3600, "hour"];
  return number(value, { style: "unit", unit, unitDisplay: "long", maximumFractionDigits: unit === "hour" ? 1 : 0 });
}

/** @param {string | number} moment of ISO 8601, or seconds since 1970 */
export function clock(moment) {
  const date = new Date(typeof moment === "number" ? 1000 * moment : moment);
  const today = date.toDateString() === new Date().toDateString();
  return new Intl.DateTimeFormat(locale(), today ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" }).format(date);
}

/** Fill in what the page's HTML leaves to the texts. @param {ParentNode} [root] */
export function fill(root = document) {
  const each = (/** @type {string} */ name, /** @type {(element: any, words: string) => void} */ put) => {
    for (const element of /** @type {any} */ (root.querySelectorAll(`[data-${name}]`))) put(element, text(element.getAttribute(`data-${name}`)));
  };
  each("text", (element, words) => { element.textContent = words; });
  each("label", (element, words) => { element.setAttribute("aria-label", words); element.title = words; });
  each("label-only", (element, words) => element.setAttribute("aria-label", words));
  each("title", (element, words) => { element.title = words; });
  each("alt", (element, words) => { element.alt = words; });
  document.documentElement.lang = language;
  document.title = text("title");
}

/** Run now and whenever the language changes. @param {() => void} draw */
export function onLanguage(draw) {
  listeners.add(draw);
  draw();
}

/** @param {string} code */
export async function chooseLanguage(code) {
  words = await loadTexts(code);
  language = code;
  remember("language", code);
  fill();
  for (const draw of listeners) draw();
}
