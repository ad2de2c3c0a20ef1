// Pictures for others to see: side by side, into the clipboard, shared, and the whole screen.
import { complain, say } from "./alerts.js";
import { download, find } from "./dom.js";
import { painter } from "./painter.js";
import { session } from "./session.js";
import { text } from "./texts.js";

const GAP = 0.02; // of the width, between the two
const MARGIN = 0.07; // of the height, for the caption

/** The shown pictures, once they can be drawn. @param {string[]} ids */
async function pictures(ids) {
  const found = ids.map((id) => find(id));
  await Promise.all(found.map((image) => image.decode()));
  return found;
}

/** @param {number} width @param {number} height */
function sheet(width, height) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  return { canvas, ink: /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d")) };
}

/** @param {HTMLCanvasElement} canvas @param {string} type @returns {Promise<Blob>} */
const toBlob = (canvas, type) => new Promise((resolve, reject) => {
  canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("the canvas gave nothing"))), type, 0.92);
});

/** The original and its colours with a caption that says which is which. @returns {Promise<Blob>} */
async function sideBySide() {
  const [before, after] = await pictures(["before", "after"]);
  const { naturalWidth: width, naturalHeight: height } = after;
  const gap = Math.round(GAP * width);
  const margin = Math.round(MARGIN * height);
  const { canvas, ink } = sheet(2 * width + gap, height + margin);
  ink.fillStyle = "#fff";
  ink.fillRect(0, 0, canvas.width, canvas.height);
  ink.drawImage(before, 0, 0, width, height);
  ink.drawImage(after, width + gap, 0, width, height);
  ink.fillStyle = "#1a1a1a";
  ink.font = `${Math.round(margin * 0.45)}px sans-serif`;
  ink.textBaseline = "middle";
  ink.fillText(text("stage.original"), 0, height + margin / 2);
  ink.fillText(text("save.side.caption"), width + gap, height + margin / 2);
  return toBlob(canvas, "image/jpeg");
}

/** @param {string} type @returns {Promise<Blob>} */
async function colored(type) {
  const [after] = await pictures(["after"]);
  const { canvas, ink } = sheet(after.naturalWidth, after.naturalHeight);
  ink.drawImage(after, 0, 0);
  return toBlob(canvas, type);
}

const stem = () => (session.current?.name ?? "photo").replace(/\.[^.]+$/, "");

async function saveSide() {
  const url = URL.createObjectURL(await sideBySide());
  download(url, `${stem()}.side.jpg`);
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

async function copy() {
  await navigator.clipboard.write([new ClipboardItem({ "image/png": colored("image/png") })]);
  say(text("save.copied"));
}

const share = async () => navigator.share({ files: [new File([await colored("image/jpeg")], `${stem()}.color.jpg`, { type: "image/jpeg" })] });

/** @param {(action: () => unknown) => () => void} close closes the menu and then acts */
export function startCopies(close) {
  const told = (/** @type {() => Promise<unknown>} */ act) => close(() => act().catch(complain));
  find("save-side").addEventListener("click", told(saveSide));
  find("save-copy").addEventListener("click", told(copy));
  find("save-copy").hidden = !("ClipboardItem" in window);
  find("save-share").addEventListener("click", told(share));
  find("save-share").hidden = !navigator.canShare?.({ files: [new File([], "a.jpg", { type: "image/jpeg" })] });
  const full = find("full");
  full.hidden = !document.fullscreenEnabled;
  full.addEventListener("click", () => {
    (document.fullscreenElement ? document.exitFullscreen() : find("stage").requestFullscreen()).catch(complain);
  });
  document.addEventListener("fullscreenchange", () => full.setAttribute("aria-pressed", String(Boolean(document.fullscreenElement))));
  painter.addEventListener("painted", () => {
    for (const id of ["save-side", "save-copy", "save-share"]) find(id).disabled = painter.shown?.item !== session.current;
  });
}
