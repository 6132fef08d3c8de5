// Sets the TeX that the server left in `.math` elements. Needs vendor/katex/katex.min.js, loaded
// before as a classic script. The content policy allows it: KaTeX styles through the CSSOM.

export function renderMath(root) {
  for (const element of root.querySelectorAll(".math:not([data-set])")) {
    element.dataset.set = "";
    try {
      const displayMode = element.classList.contains("block");
      window.katex.render(element.textContent, element, { displayMode, trust: false, maxExpand: 1000 });
    } catch (error) {
      // The source is the best that there is to show; authors see the reason in the console.
      console.warn("TeX that cannot be set:", element.textContent, error);
    }
  }
  makeScrollersFocusable(root);
}

// What scrolls sideways on a narrow screen must be reachable with the keyboard.
function makeScrollersFocusable(root) {
  for (const element of root.querySelectorAll(".math.block, .prose table")) {
    if (element.scrollWidth > element.clientWidth) element.tabIndex = 0;
  }
}

renderMath(document);
