// "Add another" for Django formsets: clones the <template> and counts it in TOTAL_FORMS.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-add-row]");
  if (!button) return;
  const prefix = button.dataset.addRow;
  const total = document.getElementById(`id_${prefix}-TOTAL_FORMS`);
  const template = document.getElementById(`${prefix}-row`);
  const holder = document.createElement("div");
  holder.innerHTML = template.innerHTML.replaceAll("__prefix__", total.value);
  const row = holder.firstElementChild;
  document.getElementById(`${prefix}-rows`).append(row);
  total.value = Number(total.value) + 1;
  row.querySelector("input, textarea")?.focus();
});
