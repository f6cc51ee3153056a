// The field to draw a signature in. Typing the name is enough; what is drawn goes along as lines of points.
import SignaturePad from "../vendor/signature_pad/signature_pad.min.js";

const form = document.querySelector("[data-signature]");
const box = form?.querySelector("[data-signature-pad]");

if (box) {
  box.hidden = false;
  const canvas = box.querySelector("canvas");
  const pad = new SignaturePad(canvas, { penColor: "#1b2a6b", minWidth: 0.8, maxWidth: 2 });
  const fit = () => {
    const drawn = pad.toData();
    const ratio = Math.max(window.devicePixelRatio || 1, 1);
    canvas.width = canvas.offsetWidth * ratio;
    canvas.height = canvas.offsetHeight * ratio;
    canvas.getContext("2d").scale(ratio, ratio);
    pad.fromData(drawn);
  };
  fit();
  window.addEventListener("resize", fit);
  box.querySelector("[data-signature-clear]").addEventListener("click", () => pad.clear());
  form.addEventListener("submit", () => {
    const lines = pad.toData().map((line) => ({ points: line.points.map(({ x, y }) => ({ x: Math.round(x), y: Math.round(y) })) }));
    form.elements.strokes.value = pad.isEmpty() ? "" : JSON.stringify(lines);
  });
}
