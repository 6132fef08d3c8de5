// The settings of a test: folds away what a rule does not need (fold.js does it for single fields),
// and asks the server what the settings would do, soon after they change. Without this module
// everything is shown, and the button asks.
import { isOneOf, show } from "./fold.js";

const PAUSE = 500; // milliseconds without a change until the server is asked

const form = document.getElementById("settings");
const panel = document.getElementById("preview");
const status = document.querySelector("[data-preview-status]");
let timer = 0;
let asking = null;

// --- what matters

function foldRules() {
  form.querySelectorAll("#rules-rows > li").forEach((row, number) => foldRule(row, number === 0));
}

function foldRule(row, isFirst) {
  const kind = row.querySelector("[name$='-kind']").value;
  const method = row.querySelector("[name$='-method']").value;
  for (const element of row.querySelectorAll("[data-kinds]")) {
    const { kinds, methods } = element.dataset;
    show(element, isOneOf(kind, kinds) && (!methods || isOneOf(method, methods)));
  }
  show(row.querySelector("[data-not-first]"), !isFirst);
}

// --- what to expect

async function ask() {
  asking?.abort();
  asking = new AbortController();
  const { signal } = asking;
  panel.setAttribute("aria-busy", "true");
  try {
    const reply = await fetch(form.dataset.preview, { method: "POST", body: new FormData(form), signal });
    if (!reply.ok || reply.redirected) throw new Error(`${reply.status}`);
    panel.innerHTML = await reply.text();
    status.textContent = panel.querySelector("[data-summary]")?.dataset.summary ?? "";
  } catch {
    if (signal.aborted) return; // a newer question is on its way
    panel.textContent = panel.dataset.failed;
  }
  panel.removeAttribute("aria-busy");
}

function askSoon() {
  clearTimeout(timer);
  timer = setTimeout(ask, PAUSE);
}

form.addEventListener("input", () => {
  foldRules();
  askSoon();
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-add-row]")) setTimeout(foldRules);
});
form.querySelector("[value=preview]").addEventListener("click", (event) => {
  event.preventDefault();
  ask();
});
addEventListener("pageshow", foldRules);

foldRules();
ask();
