// The photo as it is shown: its layers, and the tool in hand.
import { comparison, startComparison } from "./comparison.js";
import { confidence, startConfidence } from "./confidence.js";
import { find } from "./dom.js";
import { painter } from "./painter.js";
import { session } from "./session.js";
import { modelOf } from "./settings.js";
import { originalOf, surfaceOf } from "./surface.js";
import { onLanguage, percent, text } from "./texts.js";
import { zoom } from "./zoom.js";

const CLOSER = 600; // milliseconds at one zoom before a finer preview is asked for

class Stage extends EventTarget {
  /** @type {"compare" | "hint"} */
  tool = "compare";
  /** what a hint is drawn as @type {"point" | "stroke" | "area"} */
  shape = "point";
  /** set while a colour is being picked @type {((place: {x: number, y: number}) => void) | null} */
  aiming = null;

  /** @param {"compare" | "hint"} tool */
  take(tool) {
    this.tool = tool;
    this.draw();
    this.dispatchEvent(new Event("tool"));
  }

  /** @param {"point" | "stroke" | "area"} shape */
  choose(shape) {
    this.shape = shape;
    this.take("hint");
  }

  draw() {
    const item = session.current;
    const photo = item?.kind === "photo";
    const surface = surfaceOf(item);
    const painted = painter.shows(item);
    const model = item && modelOf(item.history.settings);
    const hinting = this.tool === "hint" && Boolean(model?.hints);
    comparison.use(painted && !hinting);
    find("after").hidden = !painted;
    find("stage").classList.toggle("film-shown", item?.kind === "film");
    document.body.classList.toggle("shot-shown", Boolean(surface && !photo));
    find("view").classList.toggle("placing", hinting && painted);
    find("shapes").hidden = !(hinting && painted);
    for (const button of find("shapes").children) button.setAttribute("aria-pressed", String(button.dataset.shape === this.shape));
    find("tool-compare").setAttribute("aria-pressed", String(!hinting));
    const hint = find("tool-hint");
    hint.setAttribute("aria-pressed", String(hinting));
    hint.disabled = !model?.hints;
    hint.title = model && !model.hints ? text("tools.hint.none", { model: model.name }) : text("tools.hint.full");
    find("original").disabled = !painted;
    const sure = painted && photo ? painter.shown?.confidence : null;
    find("sure").textContent = sure == null ? "" : text("stage.sure", { percent: percent(sure) });
    const working = surface ? painter.busy : photo;
    find("working").hidden = !working;
    const sent = item?.progress ?? 0;
    find("working-text").textContent = surface ? text("stage.working") : sent && sent < 1 ? text("stage.uploading", { percent: percent(sent) }) : text("stage.opening");
    find("view").setAttribute("aria-busy", String(Boolean(working)));
  }
}

export const stage = new Stage();

/** @type {import("./surface.js").Surface | null} */
let opened = null;

function open() {
  const item = session.current;
  const surface = surfaceOf(item);
  if (surface && opened?.path === surface.path) return;
  opened = surface;
  if (!item || !surface) {
    preview(item?.kind === "photo" ? item : null);
    return;
  }
  previewed = null;
  find("before").src = originalOf(surface, painter.size);
  comparison.cut = 50;
  confidence.use(false);
  stage.draw();
  zoom.open(surface);
}

/** whose own file is shown @type {import("./session.js").Item | null} */
let previewed = null;

/** The file itself while it is sent, where the browser can show it. @param {import("./session.js").Item | null} item */
async function preview(item) {
  if (item === previewed && item) return;
  previewed = item;
  find("before").removeAttribute("src");
  if (!item?.file) return;
  const image = new Image();
  image.src = URL.createObjectURL(item.file);
  const fits = await image.decode().then(() => true, () => false);
  if (fits && previewed === item && session.current === item && !item.facts) {
    find("before").src = image.src;
    zoom.open({ width: image.naturalWidth, height: image.naturalHeight });
  }
  setTimeout(() => URL.revokeObjectURL(image.src), 60_000);
}

function show() {
  const painting = painter.shown;
  const after = find("after");
  if (painting && painter.shows(session.current)) {
    if (after.hidden) {
      after.classList.remove("arriving");
      void after.offsetWidth; // begins the animation anew
      after.classList.add("arriving");
    }
    after.src = painting.url;
    refine(painting);
  }
  stage.draw();
}

/** The original as fine as its colours, once it is there. @param {import("./painter.js").Painting} painting */
async function refine({ path, size }) {
  const surface = opened;
  if (surface?.path !== path) return;
  const url = originalOf(surface, size);
  if (find("before").src === url) return;
  const image = new Image();
  image.src = url;
  await image.decode().catch(() => {}); // the coarser one then stays
  if (opened === surface && image.naturalWidth) find("before").src = url;
}

export function startStage() {
  startComparison();
  startConfidence();
  session.on(["current", "items"], () => { open(); stage.draw(); });
  session.on(["settings"], () => stage.draw());
  painter.addEventListener("painted", show);
  painter.addEventListener("working", () => stage.draw());
  onLanguage(() => stage.draw());
  new ResizeObserver(() => zoom.place()).observe(find("view"));
  find("tool-compare").addEventListener("click", () => stage.take("compare"));
  find("tool-hint").addEventListener("click", () => stage.take("hint"));
  for (const button of find("shapes").children) button.addEventListener("click", () => stage.choose(button.dataset.shape));
  find("zoom-in").addEventListener("click", () => zoom.in());
  find("zoom-out").addEventListener("click", () => zoom.out());
  find("zoom-fit").addEventListener("click", () => zoom.fit());
  holdOriginal();
  let timer = 0;
  zoom.addEventListener("placed", () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => painter.want(Math.min(Math.max(zoom.width, zoom.height) * devicePixelRatio / 1.5, Math.max(zoom.photo.width, zoom.photo.height))), CLOSER);
  });
}

/** @param {boolean} on */
export function showOriginal(on) {
  find("stage").classList.toggle("original", on);
}

function holdOriginal() {
  const button = find("original");
  button.addEventListener("pointerdown", (/** @type {PointerEvent} */ event) => {
    button.setPointerCapture(event.pointerId);
    showOriginal(true);
  });
  for (const end of ["pointerup", "pointercancel", "blur"]) button.addEventListener(end, () => showOriginal(false));
  button.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key === " " || event.key === "Enter") showOriginal(true);
  });
  button.addEventListener("keyup", () => showOriginal(false));
  button.addEventListener("contextmenu", (/** @type {Event} */ event) => event.preventDefault());
}
