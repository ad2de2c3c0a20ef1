// What lies on the stage: a photo, or the still of a film's shot. Both are coloured, hinted and looked at in the same way.
import { address } from "./server.js";
import { filmOptions, toOptions } from "./settings.js";
import { flatten } from "./shapes.js";

/** @typedef {import("./session.js").Item} Item */
/** @typedef {import("./settings.js").Hint} Hint */
/**
 * @typedef {object} Surface
 * @property {string} path of the API, under which it is coloured and suggestions are made
 * @property {number} width pixels, of which places of hints are
 * @property {number} height
 */

/** @param {Item | null} item @returns {Surface | null} null where there is nothing to look at yet */
export function surfaceOf(item) {
  if (item?.facts) return { path: `photos/${item.facts.id}`, width: item.facts.width, height: item.facts.height };
  if (item?.kind !== "film" || item.state !== "open" || !item.video || !item.shot) return null;
  return { path: `videos/${item.video.id}/shots/${item.shot.number}`, width: item.video.width, height: item.video.height };
}

/** @param {Item} item */
const isShot = (item) => item.kind === "film" && item.shot;

/** Whether a hint is of what is shown: a film's belong to a moment, and so to a shot. @param {Item} item @param {Hint} hint */
export function isHere(item, hint) {
  if (!isShot(item)) return true;
  const { time, seconds } = /** @type {any} */ (item.shot);
  const at = hint.time ?? 0;
  return time <= at && at < time + seconds;
}

/** A hint as it is kept: with the moment of the still that it was placed on. @template {object} T @param {Item} item @param {T} hint */
export const kept = (item, hint) => (isShot(item) ? { ...hint, time: /** @type {any} */ (item.shot).still } : hint);

/** How what is shown is to be coloured, as the server takes it. @param {Item} item @param {import("./settings.js").Settings} [settings] */
export function optionsOf(item, settings = item.history.settings) {
  if (item.kind === "photo") return toOptions(settings);
  const hints = flatten(settings.hints.filter((hint) => isHere(item, hint))).map(({ time, ...hint }) => hint);
  return { ...filmOptions(settings), ...(hints.length && toOptions(settings).hints ? { hints } : {}) };
}

/** @param {Surface} surface @param {number} size of the longer side, pixels */
export const originalOf = ({ path }, size) => address(`${path}/preview?max_size=${size}`);
