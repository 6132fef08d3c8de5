// Choices that are given to terms. Each term has a select; beyond it a choice can be dragged onto a
// term, or tapped and then the term, and a choice that a select cannot show stands beside it.

const FAR_ENOUGH = 6; // pixels from which a press is a drag

const boxOf = (form) => form.querySelector(".matching");
const selectsOf = (box) => [...box.querySelectorAll("select")];
const pieceOf = (box, id) => box.querySelector(`[data-piece="${id}"]`);
const isLocked = (box) => box.closest(".locked") !== null;

export function readMatches(form) {
  const started = startedMatches(form);
  return started?.matches.every(Boolean) ? started : null;
}

// With 0 where nothing is chosen yet.
export function startedMatches(form) {
  const matches = selectsOf(boxOf(form)).map((select) => Number(select.value));
  return matches.some(Boolean) ? { matches } : null;
}

export function fillMatches(form, answer) {
  const box = boxOf(form);
  for (const [n, select] of selectsOf(box).entries()) select.value = answer.matches?.[n] || "";
  show(box);
}

export function beginMatching(form) {
  const box = boxOf(form);
  box.classList.add("live");
  box.addEventListener("input", () => show(box));
  box.addEventListener("click", onClick);
  box.addEventListener("pointerdown", onPointerdown);
  show(box);
}

function show(box) {
  const used = new Set(selectsOf(box).map((select) => select.value));
  for (const piece of box.querySelectorAll("[data-piece]")) {
    piece.classList.toggle("used", used.has(piece.dataset.piece));
  }
  for (const select of selectsOf(box)) {
    const place = select.parentElement.querySelector("[data-chosen]");
    const text = select.value && pieceOf(box, select.value).querySelector(".prose");
    place.hidden = !text || !text.firstElementChild;
    place.replaceChildren(...(place.hidden ? [] : text.cloneNode(true).childNodes));
  }
}

function give(term, piece) {
  const box = term.closest(".matching");
  const select = term.querySelector("select");
  select.value = piece.dataset.piece;
  const said = [term, piece].map((part) => part.querySelector(".prose").cloneNode(true));
  for (const text of said) text.removeAttribute("id");
  box.querySelector("[data-said]").replaceChildren(said[0], ": ", said[1]);
  select.dispatchEvent(new Event("input", { bubbles: true }));
}

// --- tap a choice, then a term

function pick(box, piece) {
  for (const other of box.querySelectorAll(".picked")) other.classList.remove("picked");
  piece?.classList.add("picked");
  box.classList.toggle("picking", Boolean(piece));
}

function onClick(event) {
  const box = event.currentTarget;
  if (isLocked(box)) return;
  const picked = box.querySelector(".picked");
  const piece = event.target.closest("[data-piece]");
  if (piece) {
    pick(box, piece === picked ? null : piece);
    return;
  }
  const term = event.target.closest("[data-term]");
  if (!term || !picked || event.target.closest("select")) return;
  give(term, picked);
  pick(box, null);
}

// --- drag a choice onto a term

// A finger drags by the letter of a choice: elsewhere it scrolls the page.
function onPointerdown(event) {
  const box = event.currentTarget;
  const piece = event.target.closest("[data-piece]");
  if (!piece || event.button !== 0 || isLocked(box)) return;
  if (event.pointerType !== "mouse" && !event.target.closest("b")) return;
  event.preventDefault();
  let ghost = null;
  const at = { x: event.clientX, y: event.clientY };
  const termUnder = ({ clientX, clientY }) =>
    document.elementFromPoint(clientX, clientY)?.closest("[data-term]");
  const drag = (moved) => {
    const [x, y] = [moved.clientX - at.x, moved.clientY - at.y];
    if (!ghost && Math.hypot(x, y) < FAR_ENOUGH) return;
    ghost ??= ghostOf(piece);
    ghost.style.transform = `translate(${x}px, ${y}px)`;
    const under = termUnder(moved);
    for (const term of box.querySelectorAll("[data-term]")) {
      term.classList.toggle("over", term === under);
    }
  };
  const drop = (ended) => {
    piece.removeEventListener("pointermove", drag);
    for (const term of box.querySelectorAll(".over")) term.classList.remove("over");
    if (!ghost) return;
    ghost.remove();
    // The press ends in a click on the choice, which is no tap.
    box.addEventListener("click", (click) => click.stopImmediatePropagation(), {
      capture: true,
      once: true,
    });
    const term = ended.type === "pointerup" && termUnder(ended);
    if (term && box.contains(term)) give(term, piece);
  };
  piece.setPointerCapture(event.pointerId);
  piece.addEventListener("pointermove", drag);
  const ends = new AbortController();
  for (const end of ["pointerup", "pointercancel"]) {
    piece.addEventListener(end, (ended) => (ends.abort(), drop(ended)), { signal: ends.signal });
  }
}

function ghostOf(piece) {
  const ghost = piece.cloneNode(true);
  const { left, top, width } = piece.getBoundingClientRect();
  delete ghost.dataset.piece;
  ghost.classList.add("ghost");
  ghost.setAttribute("aria-hidden", "true");
  Object.assign(ghost.style, { left: `${left}px`, top: `${top}px`, width: `${width}px` });
  piece.parentElement.append(ghost);
  return ghost;
}
