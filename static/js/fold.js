// Folds away what does not matter: an element with data-when="field=value,other" is shown while the
// field of its form has one of these values; "*" is any but none and 0. What is wrong stays in sight.
export const isOneOf = (value, list) => list.split(",").includes(value);

export function show(element, isWanted) {
  element.hidden = !isWanted && !element.querySelector(".errors");
}

export function fold() {
  for (const element of document.querySelectorAll("form [data-when]")) {
    const [name, values] = element.dataset.when.split("=");
    const { value } = element.closest("form").elements[name];
    const isSet = value !== "" && Number(value) !== 0;
    show(element, values === "*" ? isSet : isOneOf(value, values));
  }
}

document.addEventListener("input", fold);
// A browser that comes back to the page has put old values into the fields.
addEventListener("pageshow", fold);
fold();
