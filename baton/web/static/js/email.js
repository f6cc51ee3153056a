// Pages of one email: its preview as whom, how wide and how seen; how long its subject is; its plain text made anew.
import { tellLength } from "./line.js";
import { chooser } from "./preview_as.js";

const frame = document.querySelector("[data-preview]");
const as = document.querySelector("[data-preview-as]");
const chosen = as ? chooser(as, as.dataset.previewAs, show) : () => "";

function show() {
  const asked = new URLSearchParams();
  if (chosen()) asked.set("contact", chosen());
  for (const box of document.querySelectorAll("[data-preview-look]:checked")) asked.set(box.dataset.previewLook, "1");
  frame.src = `${frame.src.split("?")[0]}?${asked}`;
  for (const one of document.querySelectorAll("[data-preview-chosen]")) one.value = chosen();
}
for (const box of document.querySelectorAll("[data-preview-look]")) box.addEventListener("change", show);
document.querySelector("[data-preview-phone]")?.addEventListener("change", (event) => frame.classList.toggle("is-phone", event.target.checked));

// A subject is cut at about 41 letters on a phone, the preheader fills what is left of the line.
for (const help of document.querySelectorAll("[data-line-help]")) {
  const line = document.querySelector(`[name="${help.dataset.lineHelp}"]`);
  const most = Number(help.dataset.cut);
  const length = help.querySelector("[data-length]"), cut = help.querySelector("[data-shown]");
  const tell = () => {
    const letters = tellLength(line, length, most);
    cut.textContent = letters.length > most ? `${letters.slice(0, most - 1).join("")}…` : "";
  };
  line.addEventListener("input", tell);
  for (const button of help.querySelectorAll(".emoji button")) {
    button.addEventListener("click", () => {
      line.setRangeText(button.textContent, line.selectionStart, line.selectionEnd, "end");
      line.focus();
      tell();
    });
  }
  tell();
}
const anew = document.querySelector("[data-text-anew]");
anew?.addEventListener("click", async () => {
  const answer = await fetch(anew.dataset.textAnew);
  if (answer.ok) document.querySelector("[name=text]").value = await answer.text();
});
