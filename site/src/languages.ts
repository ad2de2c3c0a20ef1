// The languages of this page, bundled: in the place of static/js/languages.js, which asks the service for them.
import en from "@shared/texts/en.js";

type Texts = { default: Record<string, unknown>; refusals?: Record<string, string> };

/** Names of languages by code. */
export function listLanguages(): Promise<Record<string, string>> {
  return Promise.resolve({ en: "English", de: "Deutsch", es: "Español" });
}

/** A language's words, and what refusals mean in it. */
export async function loadTexts(code: string): Promise<Texts> {
  if (code === "de") return import("@shared/texts/de.js");
  return code === "es" ? import("@shared/texts/es.js") : { default: en };
}
