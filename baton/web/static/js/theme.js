// Runs before the first paint: light or dark as remembered, else as the system asks. Also says that scripts run.
(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const kept = localStorage.getItem("theme");
    root.dataset.bsTheme = kept || (system.matches ? "dark" : "light");
  };
  apply();
  system.addEventListener("change", apply);
  root.classList.add("js");
})();
