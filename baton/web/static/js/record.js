// A record's page and Today: composer keys, inline fields, forms that send once, running clocks.


const typing = (target) => target.closest?.("input, textarea, select, [contenteditable], dialog");
let prefix = 0;

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    document.activeElement?.closest("details[open].inline-field, details[open].drop")?.removeAttribute("open");
    return;
  }
  if (typing(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
  // g followed by another letter goes somewhere (the shell's keys); g alone opens the meeting.
  if (Date.now() - prefix < 700) { prefix = 0; return; }
  const part = document.querySelector(`[data-composer] details[data-key="${CSS.escape(event.key)}"]`);
  if (!part) return;
  if (event.key === "g") {
    prefix = Date.now();
    setTimeout(() => { if (prefix) { prefix = 0; open(part); } }, 700);
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  open(part);
}, true);

function open(part) {
  part.open = true;
  part.querySelector("textarea, input:not([type=hidden]):not([type=radio])")?.focus();
}

for (const field of document.querySelectorAll("details.inline-field")) {
  field.addEventListener("toggle", () => field.open && field.querySelector("input:not([type=hidden]), select")?.focus());
}
for (const link of document.querySelectorAll("[data-open]")) {
  link.addEventListener("click", () => document.querySelector(`[data-opens="${link.dataset.open}"]`)?.setAttribute("open", ""));
}
document.addEventListener("click", (event) => {
  for (const drop of document.querySelectorAll("details.drop[open]")) if (!drop.contains(event.target)) drop.removeAttribute("open");
});
for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", () => setTimeout(() => form.querySelectorAll("button").forEach((button) => { button.disabled = true; })));
}

const clocks = [...document.querySelectorAll("[data-countdown]")];
function tick() {
  for (const clock of clocks) {
    const minutes = Math.round((new Date(clock.dateTime) - Date.now()) / 60000);
    const size = Math.abs(minutes);
    const text = size >= 60 ? `${Math.floor(size / 60)} h ${size % 60} min` : `${size} min`;
    clock.textContent = minutes < 0 ? `-${text}` : text;
    clock.classList.toggle("is-short", minutes < 30);
  }
}
if (clocks.length) { tick(); setInterval(tick, 20000); }
