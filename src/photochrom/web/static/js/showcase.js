// The sample before and after, on the page that welcomes.
import { find } from "./dom.js";

export function startShowcase() {
  const cut = find("showcase-cut");
  const draw = () => find("showcase").style.setProperty("--cut", String(cut.value / 100));
  cut.addEventListener("input", draw);
  draw();
  // only now: over a slow line they would hold up what is read first
  for (const image of /** @type {any} */ (find("showcase").querySelectorAll("img"))) image.src = image.dataset.src;
}
