// A filter row applies itself: choices at once, typing after a pause. Empty fields stay out of the address.
function send(form) {
  const address = new URL(form.action || location.href, location.href);
  const filled = [...new FormData(form)].filter(([, value]) => value !== "");
  address.search = new URLSearchParams(filled);
  location.assign(address);
}
document.querySelectorAll("form[data-filters]").forEach((form) => {
  form.addEventListener("change", (event) => { if (event.target.matches("select, [type=checkbox], [type=date]")) send(form); });
  form.addEventListener("submit", (event) => { event.preventDefault(); send(form); });
});
