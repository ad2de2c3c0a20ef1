/** The photos of this visit, their settings, and which one is looked at. */
import { flatten, type Mark } from "@shared/js/shapes.js";
import { ask, refuse } from "./client";
import type { Colored, Opened, Settings } from "./protocol";

export interface Photo {
  id: number;
  file: File;
  opened: Opened;
  settings: { vividness: number; strength: number; hints: Mark[]; palette: string[]; variation?: { seed: number; index: number } };
  colored?: Colored;
  state: "coloring" | "ready" | "failed";
}

/** Hints count only when they have their colour. */
const settled = ({ settings }: Photo): Settings => ({
  ...settings,
  hints: flatten(settings.hints.filter(({ color }) => color)),
});

class Photos extends EventTarget {
  readonly all: Photo[] = [];
  current: Photo | undefined;
  #count = 0;
  #asking = new Map<number, number>();

  /** Reads files, one after the other, and colours each. */
  async add(files: Iterable<File>): Promise<void> {
    for (const file of files) {
      const id = ++this.#count;
      try {
        const opened = await ask("read", { id, file }, file.name);
        const photo: Photo = { id, file, opened, settings: { vividness: 1, strength: 1, hints: [], palette: [] }, state: "coloring" };
        this.all.push(photo);
        if (!this.current || this.all.length === 1) this.show(photo);
        else this.#changed();
        void this.color(photo);
      } catch (error) {
        refuse(error);
      }
    }
  }

  show(photo: Photo): void {
    this.current = photo;
    this.dispatchEvent(new Event("shown"));
    this.#changed();
  }

  remove(photo: Photo): void {
    const at = this.all.indexOf(photo);
    this.all.splice(at, 1);
    if (this.current === photo) {
      this.current = this.all[Math.min(at, this.all.length - 1)];
      this.dispatchEvent(new Event("shown"));
    }
    this.#changed();
  }

  /** Colours a photo as its settings are now; of several calls in a row only the last counts. */
  async color(photo: Photo): Promise<void> {
    const turn = (this.#asking.get(photo.id) ?? 0) + 1;
    this.#asking.set(photo.id, turn);
    photo.state = "coloring";
    this.#changed();
    // while one answer is on its way, later wishes wait and only the last is asked
    if (turn > 1 && this.#busy.has(photo.id)) return;
    this.#busy.add(photo.id);
    let asked = 0;
    try {
      while (asked !== this.#asking.get(photo.id)) {
        asked = this.#asking.get(photo.id)!;
        photo.colored = await ask("color", { id: photo.id, file: photo.file, settings: settled(photo) }, photo.file.name);
        this.dispatchEvent(new CustomEvent("colored", { detail: photo }));
      }
      photo.state = "ready";
    } catch (error) {
      photo.state = "failed";
      refuse(error, () => void this.color(photo));
    } finally {
      this.#busy.delete(photo.id);
      this.#asking.set(photo.id, 0);
      this.#changed();
    }
  }
  readonly #busy = new Set<number>();

  /** Returns the file of a photo in colour. */
  save(photo: Photo): Promise<Blob> {
    return ask("save", { id: photo.id, file: photo.file, settings: settled(photo) }, photo.file.name);
  }

  settingsOf(photo: Photo): Settings {
    return settled(photo);
  }

  #changed(): void {
    this.dispatchEvent(new Event("changed"));
  }
}

export const photos = new Photos();
