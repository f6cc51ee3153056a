// The preview of an email: as whom, and how wide.
const frame = document.querySelector("[data-preview]");
const contact = document.querySelector("[data-preview-contact]");
contact?.addEventListener("change", () => {
  frame.src = `${frame.src.split("?")[0]}?contact=${contact.value}`;
  for (const chosen of document.querySelectorAll("[data-preview-chosen]")) chosen.value = contact.value;
});
for (const button of document.querySelectorAll("[data-preview-width]")) {
  button.addEventListener("click", () => frame.classList.toggle("is-phone", button.dataset.previewWidth === "phone"));
}
