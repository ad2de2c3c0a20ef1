// Vividness, strength, contrast and the choice of network.
import { find, make } from "./dom.js";
import { isSent, session } from "./session.js";
import { allModels, DEFAULTS, modelOf, same } from "./settings.js";
import { list, number, onLanguage, percent, text } from "./texts.js";

const DIALS = /** @type {const} */ (["vividness", "strength"]);
const LACKS = /** @type {const} */ (["hints", "vividness", "variations", "confidence"]);

function draw() {
  const settings = session.settings;
  if (!settings) return;
  for (const name of DIALS) {
    const dial = find(name);
    dial.value = settings[name];
    dial.style.setProperty("--fill", `${(100 * settings[name]) / Number(dial.max)}%`);
    const words = percent(settings[name]);
    dial.setAttribute("aria-valuetext", words);
    find(`${name}-value`).textContent = words;
  }
  const model = modelOf(settings);
  if (model) {
    const sent = isSent(session.current);
    for (const id of ["strength", "model"]) find(id).disabled = sent;
    find("vividness").disabled = sent || !model.vividness;
    find("film-note").textContent = text(sent ? "film.locked" : "film.network");
    find("vividness-note").hidden = model.vividness;
    find("vividness-note").textContent = model.vividness ? "" : text("color.vividness.none", { model: model.name });
    find("model").value = model.name;
    find("model-note").textContent = text(`network.${kindOf(model)}.note`);
    find("model-facts").textContent = describe(model);
  }
  find("contrast").checked = settings.auto_contrast;
  find("reset").hidden = same(settings, DEFAULTS) || isSent(session.current);
}

/** @param {import("./settings.js").Model} model */
function describe(model) {
  const size = number(model.megabytes, { style: "unit", unit: "megabyte", maximumFractionDigits: 1 });
  const parameters = number(model.parameters, { notation: "compact", maximumSignificantDigits: 2 });
  const facts = text("network.facts", { parameters, size, license: model.license });
  const lacks = LACKS.filter((name) => !model[name]).map((name) => text(`network.lacks.${name}`));
  return [model.name, model.description, facts, lacks.length ? text("network.lacks", { things: list(lacks) }) : ""].filter(Boolean).join(" · ");
}

/** Whether a network is the quick one, the good one, or one of several more. @param {import("./settings.js").Model} model */
function kindOf(model) {
  if (allModels().length < 2) return "only";
  // those that can do all that this page offers; the rest is there to be compared with
  const able = allModels().filter((each) => LACKS.every((name) => each[name]));
  const sizes = able.map(({ parameters }) => parameters);
  if (!able.includes(model)) return "other";
  if (model.parameters === Math.min(...sizes)) return "fast";
  return model.parameters === Math.max(...sizes) ? "best" : "other";
}

function fillModels() {
  const choice = (/** @type {import("./settings.js").Model} */ model) => make("option", { value: model.name, text: text(`network.${kindOf(model)}`, { name: model.name }) });
  const others = allModels().filter((model) => kindOf(model) === "other");
  const usual = allModels().filter((model) => !others.includes(model));
  find("model").replaceChildren(...usual.map(choice), ...(others.length ? [make("optgroup", { label: text("network.others") }, ...others.map(choice))] : []));
}

export function startControls() {
  for (const name of DIALS) {
    find(name).addEventListener("input", () => session.set({ [name]: Number(find(name).value) }, { final: false }));
    find(name).addEventListener("change", () => session.commit());
  }
  find("contrast").addEventListener("change", () => session.set({ auto_contrast: find("contrast").checked }));
  find("model").addEventListener("change", () => {
    const chosen = allModels().find(({ name }) => name === find("model").value);
    session.set({ model: chosen?.default ? null : (chosen?.name ?? null) });
  });
  find("reset").addEventListener("click", () => {
    session.set(structuredClone(DEFAULTS));
    find("vividness").focus();
  });
  session.on(["current", "settings", "items"], draw);
  onLanguage(() => { fillModels(); draw(); });
}
