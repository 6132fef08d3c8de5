// The shapes of answers, by the member that each has: how one is read from the form of a question,
// filled into it, and what the form does beyond plain HTML. `started` reads one that is not whole.

import { beginMatching, fillMatches, readMatches, startedMatches } from "./matching.js";
import { beginOrdering, fillOrder, readOrder } from "./ordering.js";

const chosen = (form, name) =>
  [...form.querySelectorAll(`input[name="${name}"]:checked`)].map((input) => Number(input.value));

function check(form, name, values) {
  for (const input of form.querySelectorAll(`input[name="${name}"]`)) {
    input.checked = values.includes(Number(input.value));
  }
}

const SHAPES = {
  option: {
    read: (form) => chosen(form, "option").map((option) => ({ option }))[0] ?? null,
    fill: (form, answer) => check(form, "option", [answer.option]),
  },
  options: {
    read(form) {
      const options = chosen(form, "options");
      return options.length ? { options } : null;
    },
    fill: (form, answer) => check(form, "options", answer.options ?? []),
  },
  number: {
    read(form) {
      const number = form.elements.number.value.trim();
      return number ? { number } : null;
    },
    fill: (form, answer) => (form.elements.number.value = answer.number ?? ""),
    begin(form) {
      const button = form.querySelector("[data-sign]");
      button.hidden = false;
      button.addEventListener("click", () => changeSign(form.elements.number));
    },
  },
  order: { read: readOrder, fill: fillOrder, begin: beginOrdering },
  matches: {
    read: readMatches,
    started: startedMatches,
    fill: fillMatches,
    begin: beginMatching,
  },
};

function changeSign(field) {
  const minus = /^\s*[\p{Pd}−ー]\s*/u;
  field.value = minus.test(field.value) ? field.value.replace(minus, "") : `-${field.value}`;
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

// The shape of the answer that this form asks for; one that is not known is an error.
export function shapeOf(form) {
  const name = form.querySelector("[data-answer]").dataset.answer;
  if (!Object.hasOwn(SHAPES, name)) throw new Error(`No answer has the shape “${name}”.`);
  return { begin() {}, started: SHAPES[name].read, ...SHAPES[name] };
}
