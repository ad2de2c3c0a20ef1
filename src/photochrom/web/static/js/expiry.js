// A word before the server deletes photos that nobody uses, and a button that keeps them.
import { complain, say } from "./alerts.js";
import { find, make } from "./dom.js";
import { callJson } from "./server.js";
import { session } from "./session.js";
import { clock, onLanguage, text } from "./texts.js";

const LOOK = 20; // seconds
const SHARE = 0.2; // of the time that a photo is kept, at the end of which it is said
const LATEST = 600; // seconds; no earlier than that
let kept = 3600;
let asking = false;

/** @param {import("./session.js").Item} item seconds until it is deleted */
const left = (item) => (Date.parse(item.facts.expires) - Date.now()) / 1000;
const ending = () => session.photos.filter((item) => left(item) < Math.min(LATEST, SHARE * kept));

async function look() {
  draw();
  if (asking || !ending().length) return;
  asking = true;
  try {
    // used meanwhile, they have more time than was known
    const { photos } = await callJson("GET", "photos");
    for (const facts of photos) {
      const item = session.photos.find((one) => one.facts.id === facts.id);
      if (item) item.facts.expires = facts.expires;
    }
  } catch (error) {
    complain(error);
  }
  asking = false;
  draw();
}

function draw() {
  const box = find("expiring");
  const soon = ending().filter((item) => left(item) > 0);
  box.hidden = !soon.length;
  if (!soon.length) return box.replaceChildren();
  const time = clock(Math.min(...soon.map((item) => Date.parse(item.facts.expires))) / 1000);
  const words = text("expiry.soon", { n: soon.length, name: soon[0].name, time });
  if (box.firstElementChild?.textContent === words) return;
  box.replaceChildren(make("p", { text: words }), make("button", { type: "button", class: "again", on: { click: keep } }, make("span", { text: text("expiry.keep") })));
}

async function keep() {
  const soon = ending();
  try {
    for (const item of soon) item.facts = await callJson("GET", `photos/${item.facts.id}`); // looking at one keeps it
    say(text("expiry.kept"));
  } catch (error) {
    complain(error);
  }
  draw();
}

/** @param {number} seconds that the server keeps a photo */
export function startExpiry(seconds) {
  kept = seconds;
  setInterval(look, 1000 * Math.min(LOOK, Math.max(SHARE * kept / 4, 0.5)));
  document.addEventListener("visibilitychange", look);
  session.on(["items"], draw);
  onLanguage(draw);
}
