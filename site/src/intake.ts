/** Photos come in: chosen, dropped, pasted, or the sample. */
import { find } from "@shared/js/dom.js";
import { refuse } from "./client";
import { photos } from "./photos";

export const choose = (): void => find("files").click();

async function addSample(): Promise<void> {
  try {
    const answer = await fetch("static/sample.jpg");
    await photos.add([new File([await answer.blob()], "astronaut.jpg", { type: "image/jpeg" })]);
  } catch (error) {
    refuse(error);
  }
}

export function startIntake(): void {
  const input: HTMLInputElement = find("files");
  const take = (): void => {
    const files = [...(input.files ?? [])];
    input.value = "";
    if (files.length) void photos.add(files);
  };
  input.addEventListener("change", take);
  // what was chosen before this page listened, once all of it does
  queueMicrotask(take);
  find("choose").addEventListener("click", choose);
  find("sample").addEventListener("click", () => void addSample());
  addEventListener("paste", (event) => void photos.add([...(event.clipboardData?.files ?? [])]));
  const over = (on: boolean) => (event: DragEvent): void => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    find("dropping").hidden = !on;
  };
  addEventListener("dragover", over(true));
  addEventListener("dragleave", (event) => event.relatedTarget || over(false)(event));
  addEventListener("drop", (event) => {
    over(false)(event);
    void photos.add([...(event.dataTransfer?.files ?? [])]);
  });
}
