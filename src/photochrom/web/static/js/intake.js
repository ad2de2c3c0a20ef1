// How photos and films come in: chosen, dropped, pasted, photographed, or the sample.
import { complain, complainOf } from "./alerts.js";
import { find } from "./dom.js";
import { ServerError, upload } from "./server.js";
import { session } from "./session.js";
import { fromOptions } from "./settings.js";
import { text } from "./texts.js";

// some systems know no type for these; the server looks into the file anyway
const FILMS = /\.(mp4|m4v|mov|mkv|webm|avi|mpe?g|mts|m2ts|wmv|ogv|3gp)$/i;
const ATONCE = 2; // uploads under way together
const SALVAGED = ["photo.damaged", "photo.truncated"]; // refusals of photos of which a part may be there

/** @param {File} file */
const isFilm = (file) => file.type.startsWith("video/") || FILMS.test(file.name);
/** @param {File} file */
const isProject = (file) => file.type === "application/json" || /\.json$/i.test(file.name);

/** @type {(file: File) => void} set by projects.js, which needs this file itself */
let openProject = () => {};
/** @param {typeof openProject} open */
export const handProjectsTo = (open) => { openProject = open; };

export const chooseFiles = () => find("files").click();

/** @param {Iterable<File>} files */
async function addFiles(files) {
  const queue = [...files];
  for (const file of queue.filter(isProject)) openProject(file);
  const added = queue.filter((file) => !isProject(file)).map((file) => {
    const film = isFilm(file);
    return session.add({ kind: film ? "film" : "photo", name: file.name, state: film ? "new" : "uploading", file });
  });
  if (!added.length) return;
  session.show(added[0]);
  const photos = added.filter((item) => item.kind === "photo");
  await Promise.all(Array.from({ length: ATONCE }, async () => {
    for (let item = photos.shift(); item; item = photos.shift()) await addPhoto(item);
  }));
}

/** @param {import("./session.js").Item} item @returns {Promise<boolean>} whether it is there */
async function addPhoto(item) {
  item.sending = new AbortController();
  const { signal } = item.sending;
  try {
    await session.ready; // what is there already is known, so that nothing comes twice
    const facts = await send(item, signal);
    const known = session.items.find((other) => other !== item && other.state === "expired" && other.facts?.sha256 === facts.sha256);
    if (known) {
      const shown = [known, item].includes(/** @type {any} */ (session.current));
      known.file = item.file;
      session.remove(item);
      session.adopt(known, facts);
      if (shown) session.show(known);
    } else session.adopt(item, facts);
    return true;
  } catch (error) {
    session.remove(item);
    if (error instanceof ServerError) complainOf(item.name, error.message, wayOut(item, error));
    else complain(error);
    return false;
  }
}

/** What is there of a photo that is cut short or damaged can be coloured. @param {import("./session.js").Item} refused @param {ServerError} error */
function wayOut({ name, file, salvage }, { code }) {
  if (salvage || !SALVAGED.includes(code)) return undefined;
  const act = () => {
    const item = session.add({ kind: "photo", name, state: "uploading", file, salvage: true });
    session.show(item);
    void addPhoto(item);
  };
  return { label: text("alert.salvage"), act };
}

/** @param {import("./session.js").Item} item @param {AbortSignal} signal */
function send(item, signal) {
  const form = new FormData();
  if (item.salvage) form.append("salvage", "true");
  form.append("file", /** @type {File} */ (item.file ?? item.source), item.name);
  return upload("photos", form, { signal, onprogress: (progress) => session.update(item, { progress }) });
}

/**
 * Send a photo that the server has deleted once more, where the page still has it.
 * @param {import("./session.js").Item} item @returns {Promise<boolean>} whether it is there again
 */
export async function addAgain(item) {
  if (!item.source) return false;
  item.sending = new AbortController();
  try {
    session.adopt(item, await send(item, item.sending.signal));
    return true;
  } catch {
    return false;
  }
}

/** Add a photo and begin with given settings. @param {File} file @param {(item: import("./session.js").Item) => Promise<any>} settle gives the settings */
export async function addWith(file, settle) {
  const item = session.add({ kind: "photo", name: file.name, state: "uploading", file });
  if (!(await addPhoto(item))) return;
  try {
    session.setOther(item, fromOptions(await settle(item)));
  } finally {
    session.show(item);
  }
}

async function addSample() {
  try {
    const answer = await fetch("static/sample.jpg");
    await addFiles([new File([await answer.blob()], "collins.jpg", { type: "image/jpeg" })]);
  } catch {
    complain(new ServerError(text("error.offline"), 0));
  }
}

/** @param {string} id of a file input @param {(files: File[]) => void} use */
export function onChosen(id, use) {
  const input = find(id);
  const take = () => {
    const files = [...input.files];
    input.value = ""; // so that the same file can be chosen again
    if (files.length) use(files);
  };
  input.addEventListener("change", take);
  queueMicrotask(take); // what was chosen before this page listened, once all of it does
}

export function startIntake() {
  find("files").accept = "image/*,video/*,.tif,.tiff,.heic,.mkv";
  onChosen("files", addFiles);
  onChosen("shot", addFiles);
  for (const id of ["choose", "menu-add"]) find(id).addEventListener("click", chooseFiles);
  find("camera").addEventListener("click", () => find("shot").click());
  find("sample").addEventListener("click", addSample);
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length) addFiles(files);
    else if (!(event.target instanceof HTMLInputElement)) complain(new ServerError(text("error.nothing"), 0));
  });
  watchDrops();
}

function watchDrops() {
  let depth = 0; // entering a child comes before leaving its parent
  const carriesFiles = (/** @type {DragEvent} */ event) => Boolean(event.dataTransfer?.types.includes("Files"));
  const end = () => {
    depth = 0;
    find("dropping").hidden = true;
  };
  document.addEventListener("dragenter", (event) => {
    if (!carriesFiles(event)) return;
    depth += 1;
    find("dropping").hidden = false;
  });
  document.addEventListener("dragleave", () => { if (--depth <= 0) end(); });
  document.addEventListener("dragover", (event) => { if (carriesFiles(event)) event.preventDefault(); });
  document.addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    end();
    addFiles(event.dataTransfer?.files ?? []);
  });
  window.addEventListener("dropped", end);
}
