// Strokes and areas as what the server knows: spots that have one colour. A shape is a hint with more than one spot.

/** @typedef {{x: number, y: number}} Place pixels of the upright photo */
/** @typedef {{x: number, y: number, radius: number}} Spot */
/** @typedef {import("./settings.js").Hint} Hint */

const MOST = 100; // spots of a shape; the server takes some hundreds for a photo
const DENSE = 0.8; // of the radius, between the spots of a stroke
const FINE = 96; // cells along the short side in which an area is filled
const SMALLEST = 0.008; // of the short side; a smaller spot is less than a cell of the network
const GAP = 0.025; // of the short side, between spots that still belong together

/** @param {number} value to a tenth of a pixel */
export const round = (value) => Math.round(10 * value) / 10;

/** The spots of a hint, its own first. @param {Pick<Hint, "x" | "y" | "radius" | "more">} hint @returns {Spot[]} */
export const spotsOf = ({ x, y, radius, more = [] }) => [{ x, y, radius }, ...more];

/** @param {Pick<Hint, "radius" | "more">} hint @returns {"point" | "stroke" | "area"} */
export function kindOf({ radius, more }) {
  if (!more?.length) return "point";
  return more.every((spot) => spot.radius === radius) ? "stroke" : "area";
}

/** Hints as the server takes them: one for each spot. @param {Hint[]} hints */
export function flatten(hints) {
  return hints.flatMap(({ color, time, ...hint }) => spotsOf(hint).map((spot) => ({ ...spot, color, ...(time === undefined ? {} : { time }) })));
}

/** The hint along a path. @param {Place[]} path @param {number} radius @param {number} [most] spots */
export function strokeOf(path, radius, most = MOST) {
  const lengths = path.slice(1).map((place, at) => Math.hypot(place.x - path[at].x, place.y - path[at].y));
  const whole = lengths.reduce((sum, length) => sum + length, 0);
  const step = Math.max(DENSE * radius, whole / (most - 1), 1e-6);
  const spots = [path[0]];
  let walked = 0;
  for (const [at, length] of lengths.entries()) {
    for (; spots.length * step <= walked + length; ) {
      const share = (spots.length * step - walked) / length;
      spots.push({ x: path[at].x + share * (path[at + 1].x - path[at].x), y: path[at].y + share * (path[at + 1].y - path[at].y) });
    }
    walked += length;
  }
  // the pin is in the middle, where it is seen to belong to all of it
  const [middle] = spots.splice(Math.floor(spots.length / 2), 1);
  return hintOf([middle, ...spots].map((place) => ({ ...place, radius })));
}

/**
 * The hint that fills an outline with spots: the largest that fit first. None reaches beyond the outline by more than a cell.
 * @param {Place[]} outline @param {number} side the photo's short side @returns {Omit<Hint, "color"> | null} null where nothing fits
 */
export function areaOf(outline, side) {
  const cell = side / FINE;
  const [left, top, right, bottom] = [Math.min(...outline.map(({ x }) => x)), Math.min(...outline.map(({ y }) => y)), Math.max(...outline.map(({ x }) => x)), Math.max(...outline.map(({ y }) => y))];
  /** @type {Spot[]} */
  let open = [];
  for (let y = top + cell / 2; y < bottom; y += cell) for (let x = left + cell / 2; x < right; x += cell) {
    if (isInside(outline, x, y)) open.push({ x, y, radius: Math.max(distance(outline, x, y), cell / 2) });
  }
  open.sort((one, other) => other.radius - one.radius);
  /** @type {Spot[]} */
  const spots = [];
  while (open.length && spots.length < MOST && (!spots.length || open[0].radius >= SMALLEST * side)) {
    const spot = open[0];
    spots.push(spot);
    open = open.filter(({ x, y }) => Math.hypot(x - spot.x, y - spot.y) > spot.radius);
  }
  return spots.length ? hintOf(spots) : null;
}

/** @param {Spot[]} spots @returns {Omit<Hint, "color">} */
function hintOf(spots) {
  const [{ x, y, radius }, ...more] = spots.map((spot) => ({ x: round(spot.x), y: round(spot.y), radius: round(spot.radius) }));
  return more.length ? { x, y, radius, more } : { x, y, radius };
}

/** @param {Place[]} outline @param {number} x @param {number} y */
function isInside(outline, x, y) {
  let inside = false;
  for (const [at, one] of outline.entries()) {
    const other = outline[(at + 1) % outline.length];
    if (one.y > y !== other.y > y && x < one.x + ((y - one.y) / (other.y - one.y)) * (other.x - one.x)) inside = !inside;
  }
  return inside;
}

/** From the nearest edge. @param {Place[]} outline @param {number} x @param {number} y */
function distance(outline, x, y) {
  let least = Infinity;
  for (const [at, one] of outline.entries()) {
    const other = outline[(at + 1) % outline.length];
    const [dx, dy] = [other.x - one.x, other.y - one.y];
    const share = Math.min(Math.max(((x - one.x) * dx + (y - one.y) * dy) / (dx * dx + dy * dy || 1), 0), 1);
    least = Math.min(least, Math.hypot(x - one.x - share * dx, y - one.y - share * dy));
  }
  return least;
}

/**
 * Hints as they come from a project file, which knows spots alone: neighbours in the list that touch and have one colour
 * are one shape again.
 * @param {Hint[]} hints @param {number} side the photo's short side @returns {Hint[]}
 */
export function gather(hints, side) {
  /** @type {Hint[]} */
  const found = [];
  for (let at = 0; at < hints.length; ) {
    const { color } = hints[at];
    let end = at + 1;
    while (end < hints.length && hints[end].color === color) end += 1;
    for (const group of touching(hints.slice(at, end), GAP * side)) {
      // two that touch may well be two clicks
      if (group.length > 2) found.push({ ...hintOf(group), color });
      else found.push(...group.map(({ x, y, radius }) => ({ x, y, radius, color })));
    }
    at = end;
  }
  return found;
}

/** @param {Spot[]} spots @param {number} gap @returns {Spot[][]} in the order of the first of each */
function touching(spots, gap) {
  /** @type {Spot[][]} */
  let groups = [];
  for (const spot of spots) {
    const near = groups.filter((group) => group.some((each) => Math.hypot(each.x - spot.x, each.y - spot.y) <= each.radius + spot.radius + gap));
    const [first, ...others] = near;
    if (!first) groups.push([spot]);
    else {
      first.push(...others.flat(), spot);
      groups = groups.filter((group) => !others.includes(group));
    }
  }
  return groups;
}

/** A shape moved as a whole, its spots held inside the photo. @param {Hint} hint @param {number} dx @param {number} dy @param {{width: number, height: number}} photo */
export function moved(hint, dx, dy, { width, height }) {
  const spots = spotsOf(hint);
  const held = (/** @type {number} */ by, /** @type {number[]} */ places, /** @type {number} */ size) => Math.min(Math.max(by, -Math.min(...places)), size - Math.max(...places));
  const [across, down] = [held(dx, spots.map(({ x }) => x), width), held(dy, spots.map(({ y }) => y), height)];
  return hintOf(spots.map(({ x, y, radius }) => ({ x: x + across, y: y + down, radius })));
}
