// Which languages there are, and where their words come from: of this page, files beside texts/en.js. A page that is
// bundled puts its own module in the place of this one.
import en from "../texts/en.js";

/** Names of languages by code; every file beside texts/en.js is one, and nothing else names it. @returns {Promise<Record<string, string>>} */
export function listLanguages() {
  return fetch(new URL("../texts/languages.json", import.meta.url)).then((answer) => answer.json()).catch(() => ({ en: en.language }));
}

/** A language's words, and what refusals mean in it. @param {string} code @returns {Promise<{default: Record<string, any>, refusals?: Record<string, string>}>} */
export async function loadTexts(code) {
  if (code === "en") return { default: en };
  return import(new URL(`../texts/${code}.js`, import.meta.url).href).catch(() => ({ default: en }));
}
