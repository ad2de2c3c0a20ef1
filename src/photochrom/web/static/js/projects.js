// Opening a project: settings and hints that were saved for a photo, which may have to be chosen again.
import { complain, say } from "./alerts.js";
import { find, make } from "./dom.js";
import { addWith, handProjectsTo, onChosen } from "./intake.js";
import { callJson, ServerError } from "./server.js";
import { session } from "./session.js";
import { fromOptions } from "./settings.js";
import { gather } from "./shapes.js";
import { text } from "./texts.js";

/** @param {File} file */
async function open(file) {
  try {
    const source = await readSource(file);
    const photos = session.photos;
    const own = photos.find((item) => item.facts.sha256 === source.sha256);
    if (own) {
      const options = await readOptions(own, file);
      session.show(own);
      session.set(fromOptions(options));
      say(text("project.opened"));
      return;
    }
    askForPhoto(file, source.name);
  } catch (error) {
    complain(error);
  }
}

/** Which photo a project was made for. @param {File} file */
async function readSource(file) {
  try {
    const { source } = JSON.parse(await file.text());
    if (typeof source.sha256 === "string") return source;
  } catch {}
  throw new ServerError(text("error.project"), 0);
}

/** The server judges the project and says when it belongs to another photo. @param {import("./session.js").Item} item @param {File} file */
async function readOptions(item, file) {
  const form = new FormData();
  form.append("project", file, file.name);
  const { options } = await callJson("POST", `photos/${item.facts.id}/projects/import`, { form });
  return { ...options, hints: gather(options.hints ?? [], Math.min(item.facts.width, item.facts.height)) };
}

/** @param {File} file @param {string} [name] of the photo */
function askForPhoto(file, name) {
  const dialog = find("project-dialog");
  const input = make("input", { type: "file", accept: "image/*,.tif,.tiff,.heic", hidden: true, id: "project-photo" });
  input.addEventListener("change", async () => {
    const [photo] = input.files;
    dialog.close();
    if (!photo) return;
    try {
      await addWith(photo, (item) => readOptions(item, file));
      say(text("project.opened"));
    } catch (error) {
      complain(error);
    }
  });
  const words = name ? text("project.photo.text", { name }) : text("project.photo.text.unnamed");
  dialog.replaceChildren(make("div", { class: "inside" },
    make("h2", { id: "project-title", text: text("project.photo.title") }),
    make("p", { text: words }),
    make("div", { class: "ending" },
      make("button", { type: "button", on: { click: () => dialog.close() } }, make("span", { text: text("dialog.cancel") })),
      make("button", { type: "button", class: "primary", autofocus: true, on: { click: () => input.click() } }, make("span", { text: text("project.photo.choose") }))),
    input));
  dialog.showModal();
}

export function startProjects() {
  handProjectsTo(open);
  onChosen("project-file", ([file]) => open(file));
  for (const id of ["menu-open", "welcome-open"]) find(id).addEventListener("click", () => find("project-file").click());
}
