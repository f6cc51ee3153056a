// What public pages need too.
import "./toasts.js";
import "./guard.js";
import "./dialogs.js";
import "./clock.js";
import "./marks.js";

if (document.querySelector("[data-chart]")) import("./chart.js");
document.addEventListener("htmx:load", (event) => {
  if (event.target.querySelector?.("[data-chart]")) import("./chart.js").then((charts) => charts.drawAll(event.target));
});
