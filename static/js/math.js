// Sets the TeX that the server left in `.math` elements. Needs vendor/katex/katex.min.js, loaded
// before as a classic script. The content policy allows it: KaTeX styles through the CSSOM.

export function renderMath(root) {
  for (const element of root.querySelectorAll(".math:not([data-set])")) {
    element.dataset.set = "";
    const source = element.textContent;
    const displayMode = element.classList.contains("block");
    try {
      window.katex.render(source, element, { displayMode, trust: false, strict: false, maxExpand: 1000 });
    } catch (error) {
      // KaTeX has emptied the element: the source is the best that there is to show.
      element.textContent = displayMode ? `$$${source}$$` : `$${source}$`;
      element.title = error.message;
    }
  }
  makeScrollersFocusable(root);
}

const SCROLLERS = ".math, .prose table, .prose pre, .ic-content table, .ic-content pre";

// What scrolls sideways on a narrow screen must be reachable with the keyboard.
function makeScrollersFocusable(root) {
  for (const element of root.querySelectorAll(SCROLLERS)) {
    if (element.scrollWidth > element.clientWidth) element.tabIndex = 0;
  }
}

renderMath(document);
addEventListener("resize", () => makeScrollersFocusable(document));
