// A public form tells where its visitor came from: asks the page around it, or the script on the same page.
const form = document.querySelector("[data-baton-form]");

function tell(visitor, page, referrer) {
  form.elements.visitor.value = visitor || "";
  form.elements.page.value = page || "";
  form.elements.referrer.value = referrer || "";
}

if (form) {
  if (window.parent === window) {
    tell(localStorage.getItem("baton_v"), location.href, document.referrer);
  } else {
    window.addEventListener("message", (event) => {
      if (event.source === window.parent && event.data && typeof event.data.baton === "string") {
        tell(event.data.baton, event.data.url, event.data.referrer);
      }
    });
    window.parent.postMessage("baton:who", "*");
  }
  form.addEventListener("submit", () => form.querySelector("button").setAttribute("aria-busy", "true"));
}

if (window.parent !== window) {
  const height = () => window.parent.postMessage({ batonHeight: document.documentElement.scrollHeight }, "*");
  new ResizeObserver(height).observe(document.body);
  height();
}
