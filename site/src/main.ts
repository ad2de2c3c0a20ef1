/** Starts the page: its words, its parts, the network, and what keeps it all for the next visit. */
import "./site.css";
import { say } from "@shared/js/alerts.js";
import { startComparison } from "@shared/js/comparison.js";
import { find, make } from "@shared/js/dom.js";
import { addTexts, chooseLanguage, currentLanguage, fill, languages, onLanguage, text } from "@shared/js/texts.js";
import { ask, progress, refuse } from "./client";
import { startHints } from "./hints";
import { choose, startIntake } from "./intake";
import { startPalette } from "./palette";
import { startPanel } from "./panel";
import { photos } from "./photos";
import { startProjects } from "./projects";
import { startSaving } from "./saving";
import { startStage, useTool } from "./stage";
import { startStrip } from "./strip";
import de from "./texts/de";
import en from "./texts/en";
import es from "./texts/es";

addTexts({ en, de, es });

function startLanguage(): void {
  const select: HTMLSelectElement = find("language");
  select.append(...languages.map(({ code, name }) => make("option", { value: code, text: name })));
  select.value = currentLanguage();
  select.addEventListener("change", () => chooseLanguage(select.value));
  fill();
}

function startNetwork(): void {
  const box: HTMLElement = find("loading");
  const bar: HTMLProgressElement = find("progress");
  let stage: "loading" | "preparing" = "loading";
  const draw = (): void => {
    find("loading-text").textContent = text(`site.${stage}`);
  };
  progress.report = (now, share): undefined => {
    stage = now;
    box.hidden = false;
    if (share === undefined) bar.removeAttribute("value");
    else bar.value = share;
    draw();
  };
  onLanguage(draw);
  const load = (): void => {
    ask("start", { base: new URL(".", document.baseURI).href }).then(
      () => {
        box.hidden = true;
        document.documentElement.dataset.network = "ready";
        showThreads();
        say(text("site.ready"));
        for (const photo of photos.all) if (photo.state === "failed") void photos.color(photo);
      },
      (error: unknown) => {
        box.hidden = true;
        refuse(error, load);
      },
    );
  };
  load();
}

/** Says where the network has to do with one thread: threads need a page that is alone in its process. */
function showThreads(): void {
  for (const note of document.querySelectorAll<HTMLElement>(".one-thread")) note.hidden = crossOriginIsolated;
}

/** Keeps the page for visits without a connection, on https and localhost. */
async function keepPage(): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  try {
    await navigator.serviceWorker.register("service_worker.js");
    await navigator.serviceWorker.ready;
    document.documentElement.dataset.kept = "yes";
  } catch (error) {
    // the page works without it
    console.info(error);
  }
}

/** Starts the parts one by one, each as a task of its own: all at once would keep the page from answering. */
async function start(): Promise<void> {
  const parts = [
    startLanguage,
    startComparison,
    startStage,
    () => startHints(useTool),
    startPanel,
    startPalette,
    startSaving,
    startProjects,
    () => startStrip(choose),
    startIntake,
    startNetwork,
  ];
  for (const part of parts) {
    await new Promise((resolve) => setTimeout(resolve));
    part();
  }
  await keepPage();
}

void start();
