// Ctrl-K: find a record, go to a place, make something. Commands are in the page; records come from /search?q=...&format=json.
import { openDialog } from "./dialogs.js";
import { nextTheme } from "./menus.js";

const palette = document.getElementById("palette");
const SHOWN = 12;
let asked = 0;
let timer = 0;

if (palette) {
  const input = palette.querySelector("input");
  const list = palette.querySelector("ul");
  const commands = [...document.getElementById("palette-commands").content.querySelectorAll("a")];

  const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

  function line(link, kind) {
    const item = document.createElement("li");
    item.setAttribute("role", "presentation");
    link.setAttribute("role", "option");
    link.id = `palette-${list.children.length}`;
    link.tabIndex = -1;
    const words = document.createElement("span");
    words.className = "kind";
    words.textContent = link.dataset.keys || kind;
    link.append(words);
    item.append(link);
    list.append(item);
  }

  function record(found) {
    const link = document.createElement("a");
    link.href = found.url;
    const name = document.createElement("span");
    name.textContent = found.label;
    link.append(name);
    if (found.note) { const note = document.createElement("small"); note.textContent = found.note; link.append(note); }
    line(link, found.kind_label || found.kind || "");
  }

  function choose(index) {
    const items = [...list.querySelectorAll("[role=option]")];
    items.forEach((item, i) => item.setAttribute("aria-selected", String(i === index)));
    items[index]?.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", items[index]?.id || "");
  }

  function show(records) {
    const q = fold(input.value.trim());
    const fitting = commands.filter((c) => q.split(/\s+/).every((word) => fold(c.textContent).includes(word)));
    list.replaceChildren();
    records.forEach(record);
    fitting.slice(0, Math.max(4, SHOWN - records.length)).forEach((c) => line(c.cloneNode(true), c.dataset.kind));
    if (!list.children.length) list.append(document.getElementById("palette-none").content.cloneNode(true));
    choose(0);
  }

  async function find() {
    const q = input.value.trim();
    const mine = ++asked;
    if (q.length < 2) { show([]); return; }
    const answer = await fetch(`${palette.dataset.search}?format=json&q=${encodeURIComponent(q)}`, { headers: { Accept: "application/json" } });
    const body = answer.ok ? await answer.json() : { results: [] };
    if (mine === asked) show(body.results);
  }

  function open() { if (!palette.open) { input.value = ""; show([]); palette.showModal(); input.focus(); } }

  input.addEventListener("input", () => { show([]); clearTimeout(timer); timer = setTimeout(find, 120); });
  palette.addEventListener("keydown", (event) => {
    const items = [...list.querySelectorAll("[role=option]")];
    const at = items.findIndex((item) => item.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown") { event.preventDefault(); choose((at + 1) % items.length); }
    if (event.key === "ArrowUp") { event.preventDefault(); choose((at - 1 + items.length) % items.length); }
    if (event.key === "Enter" && items[at]) { event.preventDefault(); items[at].click(); }
  });
  list.addEventListener("click", (event) => {
    const does = event.target.closest("a")?.dataset.does;
    if (!does) return;
    event.preventDefault();
    palette.close();
    if (does === "keys") openDialog("keys"); else nextTheme();
  });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") { event.preventDefault(); open(); }
  });
  document.querySelectorAll("[data-palette]").forEach((el) => el.addEventListener("click", (event) => { event.preventDefault(); open(); }));
}
