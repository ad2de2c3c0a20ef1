// The sample before and after, on the page that welcomes.
import { find } from "./dom.js";

export function startShowcase() {
  const cut = find("showcase-cut");
  const draw = () => find("showcase").style.setProperty("--cut", `${cut.value}%`);
  cut.addEventListener("input", draw);
  draw();
}
