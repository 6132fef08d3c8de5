// The test page. It sends the answer to the API, repeats that until it is acknowledged, and then
// shows the page that the server renders for the next item. The server is the only record: this
// module keeps nothing but the answer that is being given (kept.js).

import { shapeOf } from "./answers.js";
import { forget, keep, recall } from "./kept.js";
import { renderMath } from "./math.js";

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 15_000;
const PATIENCE = 15_000; // milliseconds until a silent request counts as lost
const LOOK_AGAIN = 3_000;
const CLOCK_JUMP = 5_000;

const status = document.querySelector("#status");
const notice = document.querySelector("#notice");
let test = document.querySelector("#test");
let busy = false;
let shownAt = 0;
let clock = 0;
let over = false; // the time is up: what remains is to hear from the server that the test ended

const question = () => test.querySelector("form.question");

// Once the time is up nothing else is told, except that the server cannot be reached.
function say(text) {
  const isTrouble = text === "lost" || text === "offline";
  const told = over ? (isTrouble ? "timeUpLost" : "timeUp") : text;
  status.textContent = status.dataset[told] ?? told;
  status.classList.toggle("trouble", isTrouble);
}

function warn(text, link) {
  notice.textContent = status.dataset[text] ?? text;
  if (link) {
    const anchor = Object.assign(document.createElement("a"), link);
    notice.append(" ", anchor);
  }
  notice.hidden = !text;
}

// --- the answer in the form

const givenAnswer = () => shapeOf(question()).read(question());

function setLocked(locked) {
  question().classList.toggle("locked", locked);
  for (const control of question().querySelectorAll("input:not([type=hidden]), select, button")) {
    control.disabled = locked;
  }
  if (locked) return;
  offerToSave();
  question().querySelector("[value=answer]").focus();
}

function offerToSave() {
  question().querySelector("[value=answer]").disabled = givenAnswer() === null;
}

// --- talking to the server

// Asks until there is an answer that will not change by asking again.
async function insist(url, options) {
  for (let round = 0; ; round += 1) {
    try {
      const signal = AbortSignal.timeout(PATIENCE);
      const response = await fetch(url, { ...options, signal, credentials: "same-origin" });
      const body = await response.text();
      if (response.status < 500 && response.status !== 429) return { response, body };
    } catch {
      // No connection, or it broke: the same as a server that is down.
    }
    say(navigator.onLine ? "lost" : "offline");
    await pause(round);
  }
}

// Waits longer each round, each browser differently, and no longer than until the network is back.
function pause(round) {
  const longest = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** round);
  const { promise, resolve } = promiseOf();
  setTimeout(resolve, longest * (0.5 + Math.random() / 2));
  addEventListener("online", resolve, { once: true });
  return promise;
}

function promiseOf() {
  let resolve;
  const promise = new Promise((settle) => (resolve = settle));
  return { promise, resolve };
}

const csrfToken = () => document.cookie.match(/(?:^|;\s*)csrftoken=([^;]+)/)?.[1] ?? "";

async function send(answer) {
  if (busy) return;
  busy = true;
  const { session, position, item, answers } = test.dataset;
  keep(session, position, { answer, sent: true });
  setLocked(true);
  say("saving");
  const given = { position: Number(position), item: Number(item), answer };
  const { response, body } = await insist(answers, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": csrfToken() },
    body: JSON.stringify({ ...given, client_seconds: secondsOnItem() }),
  });
  busy = false;
  await settle(response, body, answer);
}

const secondsOnItem = () => Math.round((performance.now() - shownAt) / 100) / 10;

async function settle(response, body, answer) {
  const { session, position } = test.dataset;
  if (response.ok) {
    forget(session, position);
    return show("saved");
  }
  const error = errorOf(body);
  if (response.status === 409 && error.code !== "taken_over") {
    forget(session, position);
    return show("", "elsewhere");
  }
  if (response.status === 401) {
    warn("signin", { href: status.dataset.login, textContent: status.dataset.signinLink });
  } else if (response.status === 404) {
    warn("somebodyElse", { href: status.dataset.home, textContent: status.dataset.homeLink });
  } else {
    keep(session, position, { answer, sent: false });
    warn(error.message ?? "refused");
  }
  if (over) return awaitEnd();
  say("");
  return setLocked(false);
}

function errorOf(body) {
  try {
    return JSON.parse(body);
  } catch {
    return {};
  }
}

// --- showing where the session stands

// Fetches this page again and puts its test in the place of the old one.
async function show(saying = "", warning = "") {
  if (busy) return;
  busy = true;
  const { response, body } = await insist(location.pathname, { cache: "no-store" });
  busy = false;
  const page = new DOMParser().parseFromString(body, "text/html");
  const next = page.querySelector("#test");
  if (!next || response.redirected) {
    leave(response.url);
    return;
  }
  const isSame = next.dataset.position === test.dataset.position;
  if (over && isSame && next.dataset.remaining === "0") {
    awaitEnd();
    return;
  }
  over = false;
  document.title = page.title;
  test.replaceWith(next);
  document.querySelector("#end").replaceWith(page.querySelector("#end"));
  test = next;
  say(saying);
  warn(warning);
  renderMath(test);
  begin();
}

// For the result, for signing in, or for a page that says why there is nothing to answer here.
function leave(url) {
  const { session, position } = test.dataset;
  if (new URL(url).pathname.endsWith("/result/")) forget(session, position);
  location.assign(url);
}

function begin() {
  shownAt = performance.now();
  const { session, position } = test.dataset;
  const shape = shapeOf(question());
  shape.begin(question());
  const entry = recall(session, position);
  if (entry) shape.fill(question(), entry.answer);
  offerToSave();
  startClock();
  test.querySelector("#question").focus({ preventScroll: true });
  scrollTo({ top: 0 });
  if (entry?.sent) send(entry.answer);
}

// --- time: the server's clock decides, this one only shows it

function startClock() {
  clearInterval(clock);
  if (test.dataset.remaining === undefined) return;
  const end = performance.now() + 1000 * Number(test.dataset.remaining);
  const offset = Date.now() - performance.now();
  const face = test.querySelector("[data-timer]");
  let before = Math.ceil(Number(test.dataset.remaining));
  const tick = () => {
    const left = Math.max(0, Math.ceil((end - performance.now()) / 1000));
    face.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    if (before > 300 && left <= 300) say("fiveMinutes");
    if (before > 60 && left <= 60) say("oneMinute");
    before = left;
    if (left === 0) timeIsUp();
    // The computer slept or its clock was set: ask the server how much time is left.
    else if (Math.abs(Date.now() - performance.now() - offset) > CLOCK_JUMP) show();
  };
  clock = setInterval(tick, 1000);
  tick();
}

// What was given is sent: it counts where it arrives in time. Whatever becomes of it, the way leads
// to the result: whoever is busy with the server comes to `show` or to `awaitEnd`.
function timeIsUp() {
  clearInterval(clock);
  over = true;
  say("timeUp");
  if (busy) return;
  const answer = givenAnswer();
  if (answer) send(answer);
  else awaitEnd();
}

// Until the grace is over too, the server waits for an answer that is on its way.
function awaitEnd() {
  say("timeUp");
  setLocked(true);
  setTimeout(() => show(), LOOK_AGAIN);
}

// --- what the examinee does

function onSubmit(event) {
  if (!event.target.matches("form.question")) return; // ending early goes without this module
  event.preventDefault();
  const omits = event.submitter?.value === "omit";
  const answer = omits ? { omit: true } : givenAnswer();
  if (answer) send(answer);
}

function onInput() {
  const { session, position } = test.dataset;
  const answer = shapeOf(question()).started(question());
  if (answer) keep(session, position, { answer, sent: false });
  else forget(session, position);
  offerToSave();
}

// Keys count while the focus is within the question: 1–9 choose, Enter saves.
function onKeydown(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (!event.target.closest("#test") || event.target.matches("[inputmode], textarea")) return;
  if (/^[1-9]$/.test(event.key)) {
    const choice = question().querySelectorAll(".choice input")[Number(event.key) - 1];
    if (!choice || choice.disabled) return;
    choice.click();
    choice.focus();
  } else if (event.key === "Enter" && !event.target.matches("button, a, summary, select")) {
    event.preventDefault();
    question().requestSubmit(question().querySelector("[value=answer]"));
  }
}

const content = document.querySelector("#main");
content.addEventListener("submit", onSubmit);
content.addEventListener("input", onInput);
content.addEventListener("keydown", onKeydown);
addEventListener("offline", () => say("offline"));
addEventListener("online", () => {
  if ([status.dataset.offline, status.dataset.timeUpLost].includes(status.textContent)) say("online");
});
addEventListener("pageshow", (event) => event.persisted && show());
begin();
