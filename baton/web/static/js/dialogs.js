// Native dialogs: data-open-dialog="id" opens, data-close and a click on the veil close; data-confirm asks first.
const confirmBox = document.getElementById("confirm");
let waiting = null;
confirmBox?.addEventListener("close", () => { waiting = null; });

export function openDialog(id) {
  const dialog = document.getElementById(id);
  if (dialog && !dialog.open) dialog.showModal();
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open-dialog]");
  if (opener) { event.preventDefault(); opener.closest("details.menu")?.removeAttribute("open"); openDialog(opener.dataset.openDialog); return; }
  if (event.target.closest("[data-close]")) { event.preventDefault(); event.target.closest("dialog")?.close(); return; }
  if (event.target.closest("[data-agree]") && waiting) {
    const { form, submitter } = waiting;
    confirmBox.close();
    form.dataset.agreed = "1";
    form.requestSubmit(submitter);
    return;
  }
  if (event.target.matches("dialog")) {
    const box = event.target.getBoundingClientRect();
    const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside) event.target.close();
  }
});

// In the capture phase, so that the question comes before htmx or the guard see the submit.
document.addEventListener("submit", (event) => {
  const form = event.target;
  const text = event.submitter?.dataset.confirm || form.dataset.confirm;
  if (!text || !confirmBox) return;
  if (form.dataset.agreed) { delete form.dataset.agreed; return; }
  event.preventDefault();
  event.stopImmediatePropagation();
  waiting = { form, submitter: event.submitter };
  confirmBox.querySelector("[data-confirm-text]").textContent = text;
  const yes = confirmBox.querySelector("[data-agree]");
  yes.textContent = event.submitter?.dataset.confirmYes || form.dataset.confirmYes || yes.textContent;
  confirmBox.showModal();
}, true);
