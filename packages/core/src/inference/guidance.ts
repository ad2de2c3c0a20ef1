/** Colours that steer a network, whoever gave them: placed hints with their trust, and a palette. */
import { hexToAb, isHexColor } from "../color/hex.js";
import { PhotochromError } from "../errors.js";
import type { Planes } from "../numbers.js";
import { drawPlane, type Placed, type Size } from "./hint_plane.js";

/** A colour that a person gives at a place. */
export interface Hint {
  /** Pixels from the left edge of the upright picture, fractions allowed. */
  x: number;
  /** Pixels from its top edge. */
  y: number;
  /** `"#rrggbb"` or `"#rgb"`, sRGB. Its lightness is ignored: the picture keeps its own. */
  color: string;
  /** Pixels around the point that have this colour; 0 for the point alone. */
  radius?: number;
}

/** How far a hint is believed; where two meet, the more trusted one holds. */
export enum Trust {
  /** Drawn from the network's own distribution: the network may overrule it. */
  Sampled = 0,
  /** Matched with another photo, which may be wrong: the answer goes only part of the way. */
  Reference = 1,
  /** Given by a person: the answer is exact there. */
  User = 2,
}

export interface PlacedHint extends Placed {
  trust: Trust;
}

/** Returns a hint as it is placed on a page. Throws where it is not a hint. */
export function placeHint(hint: Hint, trust = Trust.User): PlacedHint {
  const { x, y, color, radius = 0 } = hint ?? {};
  const numbers = [x, y, radius].every((value) => Number.isFinite(value) && value >= 0);
  if (!numbers) throw new PhotochromError("option.not_a_hint", { value: JSON.stringify(hint) });
  if (!isHexColor(color)) throw new PhotochromError("option.not_a_color", { value: JSON.stringify(color) });
  return { x, y, ab: hexToAb(color), radius, trust };
}

/** All that steers one prediction. */
export class Guidance {
  constructor(
    readonly hints: readonly PlacedHint[] = [],
    readonly palette: readonly string[] = [],
  ) {
    const wrong = palette.find((color) => !isHexColor(color));
    if (wrong !== undefined) throw new PhotochromError("option.not_a_color", { value: JSON.stringify(wrong) });
  }

  /** Returns the guidance of a person's hints and a palette. */
  static of(hints: readonly Hint[] = [], palette: readonly string[] = []): Guidance {
    return new Guidance(hints.map((hint) => placeHint(hint)), palette);
  }

  /** Returns this guidance with hints that were drawn from the network's own distribution. */
  withSamples(hints: readonly Hint[]): Guidance {
    return new Guidance([...hints.map((hint) => placeHint(hint, Trust.Sampled)), ...this.hints], this.palette);
  }

  /** Whether any hint is more than a sample, so that the answer must go to it. */
  get isBinding(): boolean {
    return this.hints.some((hint) => hint.trust > Trust.Sampled);
  }

  /** Draws the hints, or those of one trust, on a grid; undefined without any. */
  draw(extent: Size, content: Size, padded: Size, trust?: Trust): Planes | undefined {
    const chosen = this.hints.filter((hint) => trust === undefined || hint.trust === trust);
    if (!chosen.length) return undefined;
    return drawPlane([...chosen].sort((one, other) => one.trust - other.trust), extent, content, padded);
  }
}
