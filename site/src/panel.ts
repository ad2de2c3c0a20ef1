/** The settings beside the photo: vividness, strength, variations, and the tabs of a phone. */
import { find, make } from "@shared/js/dom.js";
import { onLanguage, percent, text } from "@shared/js/texts.js";
import { ask, refuse } from "./client";
import { photos, type Photo } from "./photos";
import type { Preview } from "./protocol";
import { paint } from "./stage";

const DIALS = ["vividness", "strength"] as const;
/** Variations shown, of this seed. */
const [COUNT, SEED] = [5, 0];
const shown = new Map<number, Preview[]>();

function showDials(): void {
  for (const name of DIALS) {
    const value = photos.current?.settings[name] ?? 1;
    const dial: HTMLInputElement = find(name);
    dial.value = String(value);
    dial.style.setProperty("--fill", `${(100 * value) / Number(dial.max)}%`);
    dial.setAttribute("aria-valuetext", percent(value));
    find(`${name}-value`).textContent = percent(value);
  }
}

function showVariations(): void {
  const photo = photos.current;
  const previews = photo && shown.get(photo.id);
  find("variations-show").hidden = !!previews;
  find("variations").replaceChildren(...(photo && previews ? [undefined, ...previews.keys()].map((index) => makeVariation(photo, previews, index)) : []));
}

/** @param index undefined for the first choice */
function makeVariation(photo: Photo, previews: Preview[], index: number | undefined): HTMLElement {
  const canvas = document.createElement("canvas");
  const first = photo.colored?.preview;
  const picture = index === undefined ? first : previews[index];
  if (picture) paint(canvas, picture);
  const name = index === undefined ? text("variations.first") : text("variations.item", { number: index + 1 });
  const button = make("button", { type: "button", "aria-pressed": String(photo.settings.variation?.index === index) }, canvas, make("span", { text: name }));
  button.addEventListener("click", () => {
    if (index === undefined) delete photo.settings.variation;
    else photo.settings.variation = { seed: SEED, index };
    showVariations();
    void photos.color(photo);
  });
  return make("li", {}, button);
}

async function findVariations(): Promise<void> {
  const photo = photos.current;
  if (!photo) return;
  find("variations-show").disabled = true;
  find("status").textContent = text("variations.working");
  try {
    const question = { id: photo.id, file: photo.file, settings: photos.settingsOf(photo), count: COUNT };
    shown.set(photo.id, await ask("variations", question, photo.file.name));
    showVariations();
  } catch (error) {
    refuse(error);
  } finally {
    find("variations-show").disabled = false;
  }
}

function startTabs(): void {
  const tabs: HTMLElement[] = [...find("tabs").querySelectorAll("button")];
  for (const tab of tabs) {
    tab.addEventListener("click", () => {
      for (const other of tabs) {
        other.setAttribute("aria-pressed", String(other === tab));
        find(`panel-${other.dataset.tab}`).classList.toggle("chosen", other === tab);
      }
    });
  }
}

export function startPanel(): void {
  for (const name of DIALS) {
    find(name).addEventListener("input", () => {
      const photo = photos.current;
      if (!photo) return;
      photo.settings[name] = Number(find(name).value);
      showDials();
      void photos.color(photo);
    });
  }
  find("variations-show").addEventListener("click", () => void findVariations());
  photos.addEventListener("shown", () => {
    showDials();
    showVariations();
  });
  onLanguage(() => {
    showDials();
    showVariations();
  });
  startTabs();
}
