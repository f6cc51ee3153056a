// Clocks that run: [data-deadline] counts down in the reader's language; half time warns, past it is late.
const language = document.documentElement.lang || "en";
const format = (value, unit) => new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "narrow" }).format(value);

function words(seconds) {
  const s = Math.floor(Math.abs(seconds));
  const sign = seconds < 0 ? "−" : "";
  if (s >= 86400) return `${sign}${format(Math.floor(s / 86400), "day")} ${format(Math.floor((s % 86400) / 3600), "hour")}`;
  if (s >= 3600) return `${sign}${format(Math.floor(s / 3600), "hour")} ${format(Math.floor((s % 3600) / 60), "minute")}`;
  if (s >= 60) return `${sign}${format(Math.floor(s / 60), "minute")} ${s < 600 ? format(s % 60, "second") : ""}`.trim();
  return `${sign}${format(s, "second")}`;
}

function tick() {
  const now = Date.now();
  document.querySelectorAll("[data-deadline]").forEach((clock) => {
    const end = Date.parse(clock.dataset.deadline);
    const start = clock.dataset.started ? Date.parse(clock.dataset.started) : NaN;
    const text = clock.querySelector("[data-clock-text]") || clock;
    text.textContent = words((end - now) / 1000);
    clock.title = new Date(end).toLocaleString(language);
    clock.classList.toggle("is-late", now > end);
    clock.classList.toggle("is-half", now <= end && now > (start + end) / 2);
  });
}

if (document.querySelector("[data-deadline]")) tick();
setInterval(tick, 1000);
document.addEventListener("htmx:load", tick);
