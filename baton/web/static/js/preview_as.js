// Whom a preview is made for: somebody found by name as one types. Gives a function that tells the chosen one's id, or "".
export function chooser(field, address, show) {
  const known = new Map(), list = document.getElementById("preview-people");
  let asking = 0;
  field.addEventListener("input", () => {
    const text = field.value;
    if (!text || known.has(text)) { show(); return; }
    clearTimeout(asking);
    asking = setTimeout(async () => {
      const { people } = await (await fetch(`${address}?q=${encodeURIComponent(text)}`)).json();
      list.replaceChildren(...people.map((one) => {
        const label = `${one.name} <${one.email}>`;
        known.set(label, String(one.id));
        return new Option("", label);
      }));
    }, 200);
  });
  return () => known.get(field.value) || "";
}
