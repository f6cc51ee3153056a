// Menus are <details>: a click elsewhere or Esc closes them. Also the switch between light and dark.
document.addEventListener("click", (event) => {
  document.querySelectorAll("details.menu[open]").forEach((menu) => {
    if (!menu.contains(event.target)) menu.removeAttribute("open");
  });
  if (event.target.closest("[data-theme-next]")) nextTheme();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details.menu[open]");
  if (menu) { menu.removeAttribute("open"); menu.querySelector("summary").focus(); }
});

export function nextTheme() {
  const root = document.documentElement;
  const next = root.dataset.bsTheme === "dark" ? "light" : "dark";
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  // Back at what the system asks for, nothing is remembered: it is followed again.
  if (next === system) localStorage.removeItem("theme"); else localStorage.setItem("theme", next);
  root.dataset.bsTheme = next;
  document.dispatchEvent(new CustomEvent("theme"));
}
