// A value edited where it stands: click, type, Enter. Esc puts it back. Leaving the field saves what was changed.
export function openField(field) {
  field.classList.add("is-open");
  const input = field.querySelector(".inline-edit :is(input, select, textarea)");
  field.dataset.before = input.value;
  input.focus();
  input.select?.();
}
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-inline-open]");
  if (opener) openField(opener.closest("[data-inline]"));
});
document.addEventListener("keydown", (event) => {
  const field = event.target.closest?.("[data-inline].is-open");
  if (!field || event.key !== "Escape") return;
  event.target.value = field.dataset.before;
  field.classList.remove("is-open");
  field.querySelector("[data-inline-open]").focus();
  event.stopPropagation();
});
document.addEventListener("focusout", (event) => {
  const field = event.target.closest?.("[data-inline].is-open");
  if (!field || field.contains(event.relatedTarget)) return;
  if (event.target.value !== undefined && event.target.value !== field.dataset.before) field.querySelector("form").requestSubmit();
  else field.classList.remove("is-open");
});
// What is sent is no longer a change: a browser fires focusout when the answer replaces the field, which would send it again.
document.addEventListener("submit", (event) => {
  const field = event.target.closest("[data-inline]");
  if (field) field.dataset.before = field.querySelector(".inline-edit :is(input, select, textarea)").value;
}, true);
