// A service that asks for an API key: the browser keeps it in a cookie that no script can read.
import { find, make } from "./dom.js";
import { text } from "./texts.js";

const SESSION = new URL("api/v1/session", document.baseURI);
/** @type {Promise<void> | null} one question, however many requests wait for it */
let asking = null;

/** @param {string} key @returns {Promise<string>} what is wrong; "" where the key serves */
async function send(key) {
  try {
    const answer = await fetch(SESSION, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ key }) });
    return answer.ok ? "" : text("signin.wrong");
  } catch {
    return text("error.offline");
  }
}

/** Ask for a key until one serves. @returns {Promise<void>} */
export function askForKey() {
  asking ??= new Promise((resolve) => {
    const dialog = find("key-dialog");
    const input = make("input", { type: "password", id: "key", required: true, autocomplete: "current-password", "aria-describedby": "key-wrong" });
    const wrong = make("p", { class: "note", id: "key-wrong", role: "alert" });
    const form = make("form", { class: "inside" },
      make("h2", { id: "key-title", text: text("signin.title") }),
      make("p", { text: text("signin.text") }),
      make("label", { for: "key", text: text("signin.label") }), input, wrong,
      make("div", { class: "ending" }, make("button", { type: "submit", class: "primary" }, make("span", { text: text("signin.send") }))));
    form.addEventListener("submit", async (/** @type {Event} */ event) => {
      event.preventDefault();
      wrong.textContent = await send(input.value.trim());
      if (wrong.textContent) return;
      asking = null;
      dialog.close();
      resolve();
    });
    dialog.addEventListener("cancel", (/** @type {Event} */ event) => event.preventDefault());
    dialog.replaceChildren(form);
    dialog.showModal();
    input.focus();
  });
  return asking;
}
