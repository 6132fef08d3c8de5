// Lines that are put in order: by dragging, by two buttons a line, or by the arrow keys on them.
// The order that is shown first is no answer until a line was moved or the examinee says so.

const boxOf = (form) => form.querySelector(".ordering");
const linesOf = (box) => [...box.querySelectorAll(".line")];
const isLocked = (box) => box.closest(".locked") !== null;

export function readOrder(form) {
  const box = boxOf(form);
  if (box.dataset.given === undefined) return null;
  return { order: linesOf(box).map((line) => Number(line.dataset.id)) };
}

export function fillOrder(form, answer) {
  if (!answer.order) return;
  const box = boxOf(form);
  const list = box.querySelector("[data-lines]");
  for (const id of answer.order) list.append(box.querySelector(`.line[data-id="${id}"]`));
  markGiven(box);
}

export function beginOrdering(form) {
  const box = boxOf(form);
  for (const part of box.querySelectorAll("[data-plain]")) part.remove();
  for (const part of box.querySelectorAll("[data-live]")) part.hidden = false;
  box.classList.add("live");
  box.addEventListener("click", onClick);
  box.addEventListener("keydown", onKeydown);
  box.addEventListener("pointerdown", onPointerdown);
}

function markGiven(box) {
  box.dataset.given = "";
  box.querySelector("[data-keep]").parentElement.hidden = true;
}

function give(box, ...said) {
  markGiven(box);
  box.querySelector("[data-said]").replaceChildren(...said);
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

function giveMoved(line) {
  const box = line.closest(".ordering");
  const place = linesOf(box).indexOf(line) + 1;
  const where = box.querySelector("[data-said]").dataset.moved.replace("#", place);
  give(box, `${where}: `, line.querySelector(".prose").cloneNode(true));
}

function onClick(event) {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.move) {
    move(button.closest(".line"), Number(button.dataset.move));
    return;
  }
  const box = button.closest(".ordering");
  give(box, box.querySelector("[data-said]").dataset.kept);
  box.closest("form").querySelector("[value=answer]")?.focus();
}

function onKeydown(event) {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!step || !event.target.matches("[data-move]")) return;
  event.preventDefault();
  move(event.target.closest(".line"), step);
}

// The focus stays with the line, on the button that can still move it.
function move(line, step) {
  const neighbor = step < 0 ? line.previousElementSibling : line.nextElementSibling;
  if (!neighbor) return;
  if (step < 0) neighbor.before(line);
  else neighbor.after(line);
  const goesOn = step < 0 ? line.previousElementSibling : line.nextElementSibling;
  line.querySelector(`[data-move="${goesOn ? step : -step}"]`).focus();
  giveMoved(line);
}

// A mouse drags a line anywhere, a finger only by its grip: elsewhere it scrolls the page. The other
// lines move around the one that is dragged, which keeps its pointer by staying where it is.
function onPointerdown(event) {
  const line = event.target.closest(".line");
  const isMouse = event.pointerType === "mouse";
  if (!line || event.button !== 0 || event.target.closest("button") || isLocked(line)) return;
  if (!isMouse && !event.target.closest("[data-grip]")) return;
  event.preventDefault();
  const before = linesOf(line.closest(".ordering"));
  const grip = event.clientY - line.getBoundingClientRect().top;
  const drag = ({ clientY }) => {
    line.style.transform = "";
    makeRoom(line, clientY);
    line.style.transform = `translateY(${clientY - grip - line.getBoundingClientRect().top}px)`;
  };
  const drop = () => {
    line.removeEventListener("pointermove", drag);
    line.style.transform = "";
    line.classList.remove("dragged");
    const box = line.closest(".ordering");
    if (box && linesOf(box).some((other, n) => other !== before[n])) giveMoved(line);
  };
  line.classList.add("dragged");
  line.setPointerCapture(event.pointerId);
  line.addEventListener("pointermove", drag);
  line.addEventListener("lostpointercapture", drop, { once: true });
}

function makeRoom(line, y) {
  const middle = (other) => {
    const { top, height } = other.getBoundingClientRect();
    return top + height / 2;
  };
  const isAbove = (other) => other && y < middle(other);
  const isBelow = (other) => other && y > middle(other);
  while (isAbove(line.previousElementSibling)) line.after(line.previousElementSibling);
  while (isBelow(line.nextElementSibling)) line.before(line.nextElementSibling);
}
