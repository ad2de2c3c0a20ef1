// Real pixels: where the preview is coarser than the screen, squares of the photo at its own size lie over it.
import { find, make } from "./dom.js";
import { painter } from "./painter.js";
import { callJson } from "./server.js";
import { session } from "./session.js";
import { toOptions } from "./settings.js";
import { zoom } from "./zoom.js";

const QUIET = 350; // milliseconds without a move or a change before tiles are asked for
const NEARLY = 0.6; // screen pixels for one of the photo; in a farther view the preview has nearly all that can be seen
const AT_ONCE = 3; // so that a slider's question does not wait for a whole screen of tiles
const AGAIN = 2500; // milliseconds after which one that a busy server refused is asked for again
const TRIES = 4;
const KEPT = 80; // tiles of a layer; those that were not seen for the longest go

/** @typedef {{id: string, url: string, tile_size: number, columns: number, rows: number, width: number, height: number}} Tiles */

/** whose tiles lie there, and in which options */
let shown = "";
/** @type {Tiles | null} */
let tiles = null;
/** @type {AbortController | null} */
let asking = null;
let timer = 0;
/** tiles that are not asked for yet, the nearest to the middle first @type {any[]} */
let waiting = [];
let loading = 0;
let refused = 0;

const layers = () => [{ box: find("before-tiles"), query: "?original=true" }, { box: find("after-tiles"), query: "" }];

/** The photo that is shown and how it is set. */
function keyNow() {
  const item = session.current;
  return item?.kind === "photo" && item.facts && item.state !== "expired" ? JSON.stringify([item.facts.id, toOptions(item.history.settings)]) : "";
}

function clear() {
  asking?.abort();
  asking = null;
  tiles = null;
  shown = "";
  waiting = [];
  refused = 0;
  for (const { box } of layers()) box.replaceChildren();
}

/** Whether the screen has room for more than the preview gives. */
function isClose() {
  const painting = painter.shown;
  const longest = Math.max(zoom.photo.width, zoom.photo.height);
  return Boolean(painting && painting.item === session.current && painting.size < longest) && zoom.scale * devicePixelRatio >= NEARLY;
}

function later() {
  const now = keyNow();
  if (shown && shown !== now) clear(); // colours of before would lie over the new ones
  clearTimeout(timer);
  if (now && isClose()) timer = window.setTimeout(look, QUIET);
}

async function look() {
  const now = keyNow();
  if (!now || !isClose()) return;
  if (painter.busy) return later();
  if (!tiles) {
    asking?.abort();
    const mine = new AbortController();
    asking = mine;
    const [id, options] = JSON.parse(now);
    const found = await callJson("POST", `photos/${id}/tiles`, { json: { options }, signal: mine.signal }).catch(() => null); // the preview stays
    if (asking !== mine) return;
    asking = null;
    if (!found || keyNow() !== now) return;
    [tiles, shown] = [found, now];
  }
  lay(/** @type {Tiles} */ (tiles));
}

/** Lay the tiles that are in view, the middle first. @param {Tiles} tiles */
function lay({ tile_size: size, columns, rows, url, width, height }) {
  const view = zoom.view;
  const side = size * zoom.scale;
  const [left, top] = [Math.max(Math.floor(-zoom.x / side), 0), Math.max(Math.floor(-zoom.y / side), 0)];
  const [right, bottom] = [Math.min(Math.ceil((view.width - zoom.x) / side), columns), Math.min(Math.ceil((view.height - zoom.y) / side), rows)];
  const wanted = [];
  for (let row = top; row < bottom; row++) for (let column = left; column < right; column++) wanted.push({ column, row });
  const far = (/** @type {{column: number, row: number}} */ { column, row }) => Math.hypot((column + 0.5) * side + zoom.x - view.width / 2, (row + 0.5) * side + zoom.y - view.height / 2);
  wanted.sort((one, other) => far(one) - far(other));
  for (const image of waiting) image.remove(); // out of sight, or in another order now
  waiting = [];
  for (const { column, row } of wanted) for (const { box, query } of layers()) {
    const place = `${column}/${row}`;
    const known = box.querySelector(`[data-place="${place}"]`);
    const image = known ?? tile(url.replace("{column}/{row}", place) + query, { column, row, size, width, height });
    box.append(image); // seen last
    if (!known) waiting.push(image);
  }
  for (const { box } of layers()) while (box.children.length > Math.max(KEPT, wanted.length)) box.firstElementChild?.remove();
  load();
}

function load() {
  for (; loading < AT_ONCE && waiting.length; loading++) {
    const image = waiting.shift();
    image.src = image.dataset.url;
  }
}

/** @param {string} url @param {{column: number, row: number, size: number, width: number, height: number}} place */
function tile(url, { column, row, size, width, height }) {
  const image = make("img", { alt: "", draggable: "false", decoding: "async", "data-url": url, "data-place": `${column}/${row}`, on: {
    load: () => {
      image.hidden = false;
      loading -= 1;
      load();
    },
    error: () => {
      image.remove();
      loading -= 1;
      load();
      if (refused++ < TRIES) setTimeout(later, AGAIN);
    },
  } });
  image.hidden = true;
  const share = (/** @type {number} */ value, /** @type {number} */ whole) => `${(100 * value) / whole}%`;
  Object.assign(image.style, {
    left: share(column * size, width), top: share(row * size, height),
    width: share(Math.min(size, width - column * size), width), height: share(Math.min(size, height - row * size), height),
  });
  return image;
}

export function startTiles() {
  zoom.addEventListener("placed", later);
  painter.addEventListener("painted", later);
  session.on(["settings", "current", "items"], later);
}
