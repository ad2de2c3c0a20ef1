/** Saving: one photo as a file like its source, or all of them in a ZIP. */
import { say } from "@shared/js/alerts.js";
import { find } from "@shared/js/dom.js";
import { text } from "@shared/js/texts.js";
import { Zip, ZipPassThrough } from "fflate";
import { refuse } from "./client";
import { photos, type Photo } from "./photos";

/** Returns the name of a photo in colour: `photo.color.jpg` beside `photo.jpg`. */
export function coloredName(name: string, type: string): string {
  const stem = name.replace(/\.[^.]*$/, "");
  const given = /\.([^.]*)$/.exec(name)?.[1] ?? "";
  const suffix = type === "image/png" ? "png" : /^jpe?g$/i.test(given) ? given : "jpg";
  return `${stem}.color.${suffix}`;
}

/** Hands a file to the reader. */
export function download(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // the browser still reads it after the click
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

async function saveOne(photo: Photo): Promise<void> {
  say(text("saving", { name: photo.file.name }));
  try {
    const blob = await photos.save(photo);
    download(blob, coloredName(photo.file.name, blob.type));
    say(text("saved", { name: photo.file.name }));
  } catch (error) {
    refuse(error);
  }
}

async function saveAll(): Promise<void> {
  const parts: Uint8Array[] = [];
  const zip = new Zip((_, part) => parts.push(part));
  const used = new Set<string>();
  let count = 0;
  find("save-all").disabled = true;
  for (const photo of photos.all) {
    try {
      const blob = await photos.save(photo);
      let name = coloredName(photo.file.name, blob.type);
      for (let n = 2; used.has(name); n++) name = coloredName(`${photo.file.name.replace(/\.[^.]*$/, "")} ${n}.x`, blob.type);
      used.add(name);
      // pictures are packed already
      const entry = new ZipPassThrough(name);
      zip.add(entry);
      entry.push(new Uint8Array(await blob.arrayBuffer()), true);
      say(text("site.zip", { n: ++count, total: photos.all.length }));
    } catch (error) {
      refuse(error);
    }
  }
  zip.end();
  find("save-all").disabled = false;
  if (count) download(new Blob(parts as BlobPart[], { type: "application/zip" }), text("zip.name"));
}

export function startSaving(): void {
  find("save").addEventListener("click", () => photos.current && void saveOne(photos.current));
  find("save-all").addEventListener("click", () => void saveAll());
}
