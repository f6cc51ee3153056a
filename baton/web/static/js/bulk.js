// Selecting rows: a bar slides up with the count; Shift selects a range; `x` is keyboard.js's.
let last = null;

function refresh(form) {
  const boxes = [...form.querySelectorAll("[data-select]")];
  const chosen = boxes.filter((box) => box.checked).length;
  const bar = form.querySelector("[data-bulk-bar]");
  bar?.classList.toggle("is-up", chosen > 0);
  const count = form.querySelector("[data-bulk-count]");
  if (count) count.textContent = chosen;
  const all = form.querySelector("[data-select-all]");
  if (all) { all.checked = chosen > 0 && chosen === boxes.length; all.indeterminate = chosen > 0 && chosen < boxes.length; }
}

export function selectUpTo(box, withShift) {
  const boxes = [...box.form.querySelectorAll("[data-select]")];
  if (withShift && last && boxes.includes(last)) {
    const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
    boxes.slice(from, to + 1).forEach((one) => { one.checked = box.checked; });
  }
  last = box;
  refresh(box.form);
}

document.addEventListener("click", (event) => {
  if (event.target.matches("[data-select]") && event.target.form) selectUpTo(event.target, event.shiftKey);
  if (event.target.matches("[data-select-all]") && event.target.form) {
    event.target.form.querySelectorAll("[data-select]").forEach((box) => { box.checked = event.target.checked; });
    refresh(event.target.form);
  }
});
document.addEventListener("reset", (event) => setTimeout(() => refresh(event.target)));
document.querySelectorAll("form[data-bulk]").forEach(refresh);
document.addEventListener("htmx:load", () => document.querySelectorAll("form[data-bulk]").forEach(refresh));
