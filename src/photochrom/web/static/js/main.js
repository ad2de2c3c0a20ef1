// Puts the page together, and finds again what this browser had here before.
import { complain } from "./alerts.js";
import { followZip, startBatch } from "./batch.js";
import { startBrush } from "./brush.js";
import { startControls } from "./controls.js";
import { find } from "./dom.js";
import { startEditor } from "./editor.js";
import { startExpiry } from "./expiry.js";
import { startFilm } from "./film.js";
import { restoreFilms } from "./film_run.js";
import { startFilmstrip } from "./filmstrip.js";
import { startFrame } from "./frame.js";
import { startGestures } from "./gestures.js";
import { references, startGuides } from "./guides.js";
import { startHelp } from "./help.js";
import { startHintList } from "./hint_list.js";
import { startImages } from "./images.js";
import { startIntake } from "./intake.js";
import { startKeyboard } from "./keyboard.js";
import { forgetOldEdits, forgetOthers, recall, remember } from "./memory.js";
import { startOffers } from "./offers.js";
import { painter } from "./painter.js";
import { startPins } from "./pins.js";
import { startProjects } from "./projects.js";
import { finishRemovals } from "./removal.js";
import { startSaving } from "./saving.js";
import { callJson } from "./server.js";
import { session } from "./session.js";
import { knowModels } from "./settings.js";
import { startShapeLayer } from "./shape_layer.js";
import { startShowcase } from "./showcase.js";
import { startStage } from "./stage.js";
import { fill, onLanguage, span, text } from "./texts.js";
import { startThumbs } from "./thumbs.js";
import { startTiles } from "./tiles.js";
import { startVariations } from "./variations.js";

const EDITS = 300; // photos whose edits are remembered

/** @param {any[]} photos @param {any[]} videos @param {any[]} jobs */
function restore(photos, videos, jobs) {
  const shown = recall("shown");
  const guides = references();
  for (const kind of ["history", "film"]) forgetOthers(kind, [...photos, ...videos, ...jobs].map(({ id }) => id));
  remember("references", photos.map(({ id }) => id).filter((id) => guides.has(id)));
  forgetOldEdits(EDITS);
  const known = new Set(session.items.map((item) => item.facts?.id));
  for (const facts of photos) if (!guides.has(facts.id) && !known.has(facts.id)) session.add({ kind: "photo", name: facts.name, state: "waiting", facts });
  restoreFilms(videos, jobs.filter(({ type }) => type === "video"), (job) => recall(`film:${job.id}`) ?? job.name);
  for (const job of jobs) if (job.type !== "video") followZip(job);
  // a photo that was chosen while the page began is what its user wants to see
  session.show(session.current ?? session.items.find((item) => shown && [item.facts?.id, item.video?.id, item.job?.id].includes(shown)) ?? session.items.at(-1) ?? null);
}

/** @param {any} limits */
function tellHowLong(limits) {
  onLanguage(() => {
    find("kept").textContent = limits ? text("welcome.private.until", { time: span(limits.photo_seconds) }) : text("welcome.private");
  });
}

async function start() {
  fill();
  for (const begin of [startFrame, startImages, startStage, startGestures, startPins, startBrush, startShapeLayer, startTiles, startEditor, startHintList, startGuides, startVariations, startFilmstrip, startIntake, startSaving,
    startProjects, startFilm, startBatch, startHelp, startKeyboard, startOffers, startShowcase]) begin();
  const quiet = (/** @type {string} */ path) => callJson("GET", path).catch((error) => { complain(error); return null; });
  // one after the other at first, because the first answer gives this browser the cookie that the others are asked with
  const limits = await quiet("limits");
  const [models, photos, videos, jobs] = await Promise.all(["models", "photos", "videos", "jobs"].map(quiet));
  const removed = finishRemovals(photos?.photos, videos?.videos, jobs?.jobs);
  tellHowLong(limits);
  if (limits) painter.finest = limits.max_size;
  knowModels(models?.models ?? models ?? []);
  startControls();
  startThumbs();
  const stays = (/** @type {any} */ { id }) => !removed.has(id);
  restore((photos?.photos ?? []).filter(stays), (videos?.videos ?? []).filter(stays), (jobs?.jobs ?? []).filter(stays));
  session.begin();
  startExpiry(limits?.photo_seconds ?? 3600);
  session.tell("items");
  session.tell("settings"); // what a photo that was chosen meanwhile can be given is known only now
}

start().catch(complain);
