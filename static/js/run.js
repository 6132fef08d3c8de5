// Follows a run: asks every two seconds how far it is, reloads the page when it is over.

const SECONDS = 2;
const panel = document.getElementById("run-progress");
const formats = {
  iterations: (value) => String(value),
  max_gradient: (value) => value.toExponential(2),
  log_posterior: (value) => value.toFixed(3),
};

function show(state) {
  document.querySelector("[data-status] > span").textContent = state.status;
  panel.querySelector("progress").value = state.progress;
  if (state.phase) panel.querySelector("[data-phase]").textContent = state.phase;
  for (const [name, format] of Object.entries(formats)) {
    const value = state.em?.[name];
    if (typeof value === "number") {
      panel.querySelector(`[data-em="${name}"]`).textContent = format(value);
    }
  }
}

async function follow() {
  try {
    const reply = await fetch(panel.dataset.progress, { headers: { Accept: "application/json" } });
    if (reply.ok && !reply.redirected) {
      const state = await reply.json();
      if (state.is_over) return window.location.reload();
      show(state);
    }
  } catch {
    // The server is away for a moment: ask again.
  }
  setTimeout(follow, 1000 * SECONDS);
}

follow();
