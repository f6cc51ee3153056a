// Toasts: Django's messages are in the page already; htmx answers send HX-Trigger {"toast": {"text", "undo", "level"}}.
const box = document.getElementById("toasts");
const SECONDS = 8;

function watch(toast) {
  let timer = setTimeout(() => toast.remove(), SECONDS * 1000);
  toast.addEventListener("mouseenter", () => clearTimeout(timer));
  toast.addEventListener("focusin", () => clearTimeout(timer));
  toast.addEventListener("mouseleave", () => { timer = setTimeout(() => toast.remove(), 3000); });
}

export function say(text, { undo = "", level = "success" } = {}) {
  if (!box) return;
  const toast = document.createElement("div");
  toast.className = `say is-${level}`;
  const words = document.createElement("span");
  words.textContent = text;
  toast.append(words);
  if (undo) {
    const form = document.createElement("form");
    form.method = "post";
    form.action = undo;
    const token = document.createElement("input");
    token.type = "hidden";
    token.name = "csrfmiddlewaretoken";
    token.value = JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"] || "";
    const button = document.createElement("button");
    button.className = "btn btn-sm btn-quiet";
    button.textContent = box.dataset.undo;
    form.append(token, button);
    toast.append(form);
  }
  box.append(toast);
  watch(toast);
}

box?.querySelectorAll("[data-toast]").forEach((toast) => { if (!toast.classList.contains("is-error")) watch(toast); });
document.addEventListener("click", (event) => event.target.closest("[data-toast-close]")?.closest("[data-toast]").remove());
document.addEventListener("toast", (event) => say(event.detail.text, event.detail));
document.addEventListener("htmx:responseError", (event) => {
  const text = event.detail.xhr.getResponseHeader("X-Refusal") || document.body.dataset.failed || "";
  if (text) say(decodeURIComponent(text), { level: "error" });
});
