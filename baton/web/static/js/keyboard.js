// Keys: ? help, / filter, g and a letter to a place, j k x Enter on lists, c make, e edit, Ctrl-K palette (palette.js).
import { openDialog } from "./dialogs.js";
import { openField } from "./inline.js";
import { selectUpTo } from "./bulk.js";

let jump = 0;
// A ticked box is no place to type: j, k and x go on working after a click on one.
const typing = (el) => el.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], trix-editor, dialog[open]");
const rows = () => [...document.querySelectorAll("[data-list] tbody tr, [data-list-item]")];

function move(step) {
  const all = rows();
  if (!all.length) return false;
  const at = all.findIndex((row) => row.classList.contains("is-at"));
  const next = all[Math.min(all.length - 1, Math.max(0, at + step))];
  all[at]?.classList.remove("is-at");
  next.classList.add("is-at");
  next.scrollIntoView({ block: "nearest" });
  next.querySelector("a")?.focus({ preventScroll: true });
  return true;
}

function press(selector) {
  const target = document.querySelector(selector);
  target?.click();
  return Boolean(target);
}

function select(shift) {
  const box = document.querySelector(".is-at [data-select]");
  if (!box) return false;
  box.checked = !box.checked;
  selectUpTo(box, shift);
  return true;
}

// Esc lets go: of what is selected, and else of the row one is at.
function clear() {
  const form = document.querySelector("form[data-bulk]:has([data-select]:checked)");
  const row = document.querySelector(".is-at");
  if (form) form.reset();
  else if (row) row.classList.remove("is-at");
  return Boolean(form || row);
}

const keys = {
  "?": () => (openDialog("keys"), true),
  "/": () => { const first = document.querySelector("[data-filter-first], [data-filters] :is(input, select)"); first?.focus(); return Boolean(first); },
  j: () => move(1), k: () => move(-1),
  x: () => select(false), X: () => select(true),
  Escape: () => !document.querySelector("dialog[open], [popover]:popover-open") && clear(),
  g: () => { jump = Date.now(); return true; },
  e: () => { const field = document.querySelector("[data-inline]"); if (field && !document.querySelector("[data-key=e]")) { openField(field); return true; } return false; },
  c: () => !document.querySelector("[data-key=c]") && press(".head-actions .btn-primary, #new-menu summary"),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) return;
  if (jump && Date.now() - jump < 1200 && event.key !== "g") {
    jump = 0;
    const place = document.querySelector(`.side [data-go="${CSS.escape(event.key)}"]`);
    if (place) { event.preventDefault(); location.assign(place.href); }
    return;
  }
  // A page's own keys (data-key on any button or link) come before the general ones.
  const own = event.key.length === 1 && document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (own && !(event.key in { j: 1, k: 1, g: 1 })) { event.preventDefault(); own.click(); return; }
  if (event.key === "Enter" && !event.target.closest("a, button, summary")) {
    const row = event.target.closest("tr[data-href]") || document.querySelector(".is-at");
    if (event.target.matches("[data-select]")) event.preventDefault(); // else the box would send the form it is in
    const href = row?.dataset.href || row?.querySelector("a")?.href;
    if (href) location.assign(href);
    return;
  }
  if (keys[event.key]?.()) event.preventDefault();
});
