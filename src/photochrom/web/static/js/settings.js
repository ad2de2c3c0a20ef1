// What a person can set for a photo, and what of it a network understands.

import { flatten } from "./shapes.js";

/**
 * @typedef {object} Hint places and radii in pixels of the upright photo
 * @property {number} x @property {number} y @property {number} radius @property {string} color
 * @property {{x: number, y: number, radius: number}[]} [more] spots of a stroke or an area besides the first
 * @property {number} [time] of a film: seconds from its start
 */
/**
 * @typedef {object} Settings
 * @property {string | null} model null for the server's default
 * @property {number} vividness 0..2
 * @property {number} strength 0..1.5
 * @property {Hint[]} hints
 * @property {string[]} palette "#rrggbb"
 * @property {string | null} reference a photo's id
 * @property {{seed: number, index: number} | null} variation
 * @property {boolean} auto_contrast
 */
/**
 * @typedef {object} Model
 * @property {string} name @property {string} description @property {number} parameters @property {number} megabytes @property {string} license
 * @property {boolean} hints @property {boolean} vividness @property {boolean} variations @property {boolean} confidence
 * @property {boolean} palette @property {boolean} reference @property {boolean} default
 */

/** @type {Readonly<Settings>} */
export const DEFAULTS = Object.freeze({
  model: null, vividness: 1, strength: 1, hints: [], palette: [], reference: null, variation: null, auto_contrast: false,
});

/** @type {Model[]} */
let models = [];

/** @param {Model[]} found */
export function knowModels(found) {
  models = found;
}
export const allModels = () => models;

/** @param {Settings} settings @returns {Model} */
export function modelOf(settings) {
  return models.find((model) => model.name === settings.model) ?? models.find((model) => model.default) ?? models[0];
}

/** @param {any} a @param {any} b */
export const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/** Settings as options of the server: only what differs from the defaults and what the network understands. @param {Settings} settings */
export function toOptions(settings) {
  const model = modelOf(settings);
  /** @type {Record<string, any>} */
  const options = {};
  for (const [name, value] of Object.entries(settings)) if (!same(value, /** @type {any} */ (DEFAULTS)[name])) options[name] = value;
  if (options.hints) options.hints = flatten(options.hints);
  if (!model?.vividness) delete options.vividness;
  if (!model?.variations) delete options.variation;
  for (const name of /** @type {const} */ (["hints", "palette", "reference"])) if (!model?.[name]) delete options[name];
  return options;
}

/** What of the settings holds for a whole film. @param {Settings} settings */
export function filmOptions(settings) {
  const { hints, variation, auto_contrast, ...options } = toOptions(settings);
  return options;
}

/** @param {any} options of a project, or of what was noted @returns {Settings} */
export function fromOptions(options) {
  const known = Object.keys(DEFAULTS).filter((name) => options[name] !== undefined && options[name] !== null);
  return { ...structuredClone(DEFAULTS), ...Object.fromEntries(known.map((name) => [name, options[name]])) };
}

/** What another photo can take over: everything but what belongs to places of this one. @param {Settings} settings */
export function transferable({ hints, variation, ...rest }) {
  return rest;
}
