"use strict";
// One page, five screens. The server keeps where a participant is; the browser keeps only their random number.

const FIXATION = 700, BETWEEN = 350, FEEDBACK = 1400; // milliseconds
const HALF_FRAME = 8;
const SCREENS = ["welcome", "back", "trial", "done", "gone", "trouble"];
const find = (id) => document.getElementById(id);
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
const frame = () => new Promise((done) => requestAnimationFrame(done));
const key = "photochrom-study:" + location.pathname.split("/")[2];

let study = null;
let run = 0; // grows when the trials are left, so that one that is still going ends
let choose = null;

function show(screen) {
  for (const id of SCREENS) find(id).hidden = id !== screen;
  if (screen !== "trial") find(screen).querySelector("button")?.focus({ preventScroll: true });
}

function remember(token) {
  try {
    if (token === null) localStorage.removeItem(key);
    else localStorage.setItem(key, token);
  } catch {} // a browser that stores nothing can still take part, in one go
  remember.token = token;
}

function recall() {
  try { return localStorage.getItem(key); } catch { return null; }
}

async function call(method, path, body) {
  let answer;
  try {
    answer = await fetch(path, {
      method,
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw Object.assign(new Error("The connection is gone. Nothing is lost: try again when it is back."), { status: 0 });
  }
  const found = await answer.json().catch(() => ({}));
  if (!answer.ok) throw Object.assign(new Error(found.error || "The server is in trouble."), { status: answer.status });
  return found;
}

// whatever fails is said, and can be tried again
async function attempt(action) {
  try {
    return await action();
  } catch (error) {
    find("what").textContent = error.message;
    show("trouble");
    await new Promise((done) => { find("again").onclick = done; });
    if (error.status === 404 || error.status === 409) { location.reload(); return new Promise(() => {}); }
    return attempt(action);
  }
}

function fill() {
  const minutes = Math.max(1, Math.round((study.steps * (2 * study.seconds + 3.2)) / 60));
  const words = {
    title: study.title, question: study.question, steps: study.steps, practice: study.practice,
    minutes: minutes === 1 ? "1 minute" : minutes + " minutes",
    seconds: study.seconds === 1 ? "one second" : study.seconds + " seconds",
  };
  for (const place of document.querySelectorAll("[data-text]")) place.textContent = words[place.dataset.text];
  document.title = study.title;
  find("practice").hidden = study.practice === 0;
  for (const part of study.consent) {
    const paragraph = document.createElement("p");
    paragraph.textContent = part;
    find("consent").append(paragraph);
  }
}

async function load(address) {
  const image = new Image();
  image.alt = "";
  image.src = address;
  try {
    await image.decode();
  } catch {
    throw Object.assign(new Error("A picture did not arrive. Nothing is lost: try again."), { status: 0 });
  }
  return image;
}

async function flash(place) {
  // from the frame in which it appears to the one in which it is gone
  place.classList.remove("next");
  const start = await frame();
  place.classList.add("shown");
  let now = start;
  while (now - start < study.seconds * 1000 - HALF_FRAME) now = await frame();
  place.classList.remove("shown");
  return now - start;
}

async function ask() {
  find("ask").classList.remove("later");
  const asked = performance.now();
  const choice = await new Promise((done) => { choose = done; });
  choose = null;
  find("ask").classList.add("later");
  return { choice, answer_ms: performance.now() - asked };
}

function mark(step) {
  const answered = step.number - 1;
  find("bar").setAttribute("aria-valuemax", study.steps);
  find("bar").setAttribute("aria-valuenow", answered);
  find("bar").firstElementChild.style.width = (100 * answered) / study.steps + "%";
  find("count").textContent = `Pair ${step.number} of ${study.steps}`;
  find("tag").textContent = step.practice ? "(practice)" : "";
}

async function play(step) {
  const places = [find("frame1"), find("frame2")];
  const images = await attempt(() => Promise.all(step.pictures.map(load)));
  show("trial");
  mark(step);
  find("say").textContent = "";
  find("ask").classList.add("later");
  const sides = images.flatMap((image) => [image.naturalWidth, image.naturalHeight]);
  find("stage").style.setProperty("--side", Math.max(256, ...sides) + "px");
  places.forEach((place, i) => place.replaceChildren(images[i]));
  let interrupted = document.hidden;
  const notice = () => { interrupted = interrupted || document.hidden; };
  document.addEventListener("visibilitychange", notice);
  places[0].classList.add("next");
  await wait(FIXATION);
  const first_ms = await flash(places[0]);
  places[1].classList.add("next");
  await wait(BETWEEN);
  const second_ms = await flash(places[1]);
  document.removeEventListener("visibilitychange", notice);
  places.forEach((place) => place.replaceChildren());
  const given = await ask();
  return { number: step.number, first_ms, second_ms, interrupted, ...given };
}

async function go(token, step) {
  const mine = ++run;
  while (step !== null) {
    const given = await play(step);
    if (mine !== run) return;
    const reply = await attempt(() => call("POST", `participants/${token}/answers`, given));
    if (mine !== run) return;
    if (reply.right !== null) {
      show("trial");
      find("say").textContent = reply.right ? "Right." : `Not so: the ${given.choice === 1 ? "second" : "first"} was the real one.`;
      await wait(FEEDBACK);
    }
    step = reply.next;
  }
  if (mine === run) show("done");
}

async function forget() {
  if (!confirm("Delete all your answers to this study?")) return;
  run += 1;
  await attempt(() => call("DELETE", `participants/${remember.token}`));
  remember(null);
  show("gone");
}

document.addEventListener("keydown", (event) => {
  if (choose === null || event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
  const choice = { 1: 1, 2: 2, ArrowLeft: 1, ArrowRight: 2 }[event.key];
  if (choice === undefined) return;
  event.preventDefault();
  choose(choice);
});
find("choose1").onclick = () => choose?.(1);
find("choose2").onclick = () => choose?.(2);
for (const button of document.querySelectorAll(".forget")) button.onclick = forget;
find("agree").onclick = async () => {
  find("agree").disabled = true;
  const joined = await attempt(() => call("POST", "participants", { consent: true }));
  remember(joined.participant);
  go(joined.participant, joined.next);
};

(async () => {
  study = await attempt(() => call("GET", "study"));
  fill();
  const token = recall();
  let found = null;
  if (token !== null) {
    found = await attempt(() => call("GET", `participants/${token}/next`).catch((error) => {
      if (error.status === 404 || error.status === 422) return null; // deleted, or of another study
      throw error;
    }));
  }
  if (found === null) {
    remember(null);
    show("welcome");
    return;
  }
  remember(token);
  if (found.next === null) { show("done"); return; }
  find("where").textContent = `${found.next.number} of ${study.steps}`;
  find("resume").onclick = () => go(token, found.next);
  show("back");
})();
