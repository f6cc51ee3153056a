// Small drawings that a strict content policy forbids as style attributes: widths, positions, sparks, copying.
function draw(root) {
  root.querySelectorAll("[data-left]").forEach((el) => { el.style.insetInlineStart = `${Math.min(100, Math.max(0, el.dataset.left))}%`; });
  root.querySelectorAll("[data-width]").forEach((el) => { el.style.width = `${Math.min(100, Math.max(0, el.dataset.width))}%`; });
  root.querySelectorAll("svg[data-spark]:empty").forEach((svg) => {
    const values = JSON.parse(svg.dataset.spark);
    if (values.length < 2) return;
    const low = Math.min(...values), high = Math.max(...values), span = high - low || 1;
    const points = values.map((v, i) => `${(i / (values.length - 1)) * 100} ${22 - ((v - low) / span) * 20}`);
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", `M${points.join("L")}`);
    svg.append(path);
  });
}
draw(document);
document.addEventListener("htmx:load", (event) => draw(event.target));
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) navigator.clipboard?.writeText(button.parentElement.querySelector("code").textContent);
});
