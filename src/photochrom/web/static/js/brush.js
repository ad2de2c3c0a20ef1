// Drawing a stroke along a thing or an outline around it, by pointer or with the arrow keys.
import { aimFrom } from "./aim.js";
import { say } from "./alerts.js";
import { hints } from "./hints.js";
import { session } from "./session.js";
import { stage } from "./stage.js";
import { text } from "./texts.js";
import { zoom } from "./zoom.js";

const NEAR = 2; // screen pixels; what moves less is the hand's trembling

/** @typedef {{x: number, y: number}} Share of the photo */

class Brush extends EventTarget {
  /** what is being drawn, shares of the photo @type {Share[]} */
  path = [];
  /** takes the keyboard's mark away @type {((place: Share | null) => void) | null} */
  #aim = null;

  /** Whether dragging over the photo draws. */
  get ready() { return stage.tool === "hint" && stage.shape !== "point" && (!stage.aiming || this.#aim !== null); }

  /** @param {Share} place */
  draw(place) {
    this.#aim?.(null);
    const inside = { x: Math.min(Math.max(place.x, 0), 1), y: Math.min(Math.max(place.y, 0), 1) };
    const last = this.path.at(-1);
    if (last && Math.hypot((inside.x - last.x) * zoom.width, (inside.y - last.y) * zoom.height) < NEAR) return;
    this.#set([...this.path, inside]);
  }

  end() {
    const path = this.path;
    this.drop();
    if (path.length) hints.draw(stage.shape === "area" ? "area" : "stroke", path);
  }

  drop() {
    if (this.path.length) this.#set([]);
  }

  /** Stop, whatever is begun. */
  quit() {
    this.#aim?.(null);
    this.drop();
  }

  /** Draw with the arrow keys: a stroke along their way, an area as the rectangle between two corners. @param {Share} from */
  drawByKeys(from) {
    const shape = stage.shape === "area" ? "area" : "stroke";
    /** @type {Share | null} */
    let begun = null;
    const to = (/** @type {Share} */ place) => {
      if (!begun) return;
      if (shape === "stroke") return this.#set([...this.path, place]);
      this.#set([begun, { x: place.x, y: begun.y }, place, { x: begun.x, y: place.y }]);
    };
    this.#aim = aimFrom(from, {
      words: text(`hints.keys.${shape}`),
      move: to,
      press: (place) => {
        if (begun) {
          this.#aim?.(place);
          return this.end();
        }
        begun = place;
        this.#set([place]);
        say(text("hints.keys.begun"));
      },
      end: (place) => {
        this.#aim = null;
        stage.aiming = null;
        if (!place) this.drop();
      },
    });
    // a click is a point, as it is without the keyboard
    stage.aiming = (place) => {
      this.#aim?.(null);
      hints.begin(place);
    };
  }

  /** @param {Share[]} path */
  #set(path) {
    this.path = path;
    this.dispatchEvent(new Event("drawn"));
  }
}

export const brush = new Brush();

export function startBrush() {
  stage.addEventListener("tool", () => brush.quit());
  session.on(["current"], () => brush.quit());
}
