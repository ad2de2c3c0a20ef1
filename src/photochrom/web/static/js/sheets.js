// On a phone, "back" closes the sheet that is open instead of leaving the page.
/** @type {(() => void) | null} */
let close = null;

/** @param {() => void} how closes the sheet that has just been opened */
export function enterSheet(how) {
  if (close) return;
  close = how;
  history.pushState({ sheet: true }, "");
}

/** The sheet was closed by other means. */
export function leaveSheet() {
  if (!close) return;
  close = null;
  if (history.state?.sheet) history.back();
}

window.addEventListener("popstate", () => {
  const how = close;
  close = null;
  how?.();
});
