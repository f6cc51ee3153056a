// The visual editor of an email: GrapesJS draws MJML on a canvas; the server alone compiles what is sent.
import { tellLength } from "./line.js";
import { chooser } from "./preview_as.js";
import { say } from "./toasts.js";
import { joined, placeIn, takenApart } from "./visual_source.js";
import { blocks, product } from "./visual_blocks.js";
import { choosePicture } from "./visual_pictures.js";
import { chooseProduct } from "./visual_products.js";

const $ = (asked) => document.querySelector(asked);
const work = $("[data-visual]");
const about = JSON.parse(work.dataset.visual);
const { words, canvas } = about;
const OURS = "baton";  // a language of GrapesJS's with the page's words; English of its own stays for what has none
const token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
const area = $("[data-source]");
const lines = [...document.querySelectorAll("[data-line]")];
let head = "", revision = about.revision, view = "canvas", isLoading = true, isSaving = false;

const editor = window.grapesjs.init({
  container: "[data-canvas]", height: "100%", width: "auto", storageManager: false, telemetry: false, cssIcons: "",
  panels: { defaults: [] }, noticeOnUnload: false, showOffsets: false,
  i18n: { locale: OURS, localeFallback: "en", detectLocale: false, messagesAdd: { [OURS]: canvas.messages } },
  richTextEditor: { actions: Object.entries(canvas.writing).map(([name, title]) => ({ name, attributes: { title } })) },
  colorPicker: canvas.colours,
  plugins: [window["grapesjs-mjml"].default],
  pluginsOpts: { [window["grapesjs-mjml"].default]: { useXmlParser: true, useCustomTheme: false, blocks: [], resetBlocks: true } },
  blockManager: { appendTo: "[data-blocks]", blocks: [], appendOnClick: take },
  traitManager: { appendTo: "[data-traits]" },
  styleManager: { appendTo: "[data-styles]" },
  selectorManager: { componentFirst: true },
  layerManager: { appendTo: document.createElement("div") },
  assetManager: { custom: { open: (asked) => choosePicture(about, token, (picture) => {
    asked.select({ src: picture.src }, true);
    editor.getSelected()?.addAttributes({ src: picture.src, alt: picture.alt });
  }), close: () => {} } },
});
for (const block of blocks(words, about.footer)) editor.Blocks.add(block.id, block);
$("[data-blocks]").addEventListener("keydown", (event) => {
  if (!["Enter", " "].includes(event.key) || !event.target.matches("[role=button]")) return;
  event.preventDefault();
  event.target.click();
});

// A product is chosen from the list first, whether its block is clicked, dragged or asked for beside the source.
const contentOf = (block, told) => (told ? product(words, told) : block.get("content"));
function take(block) {
  if (block.id !== "product") putBelow(block.get("content"));
  else chooseProduct(about, (told) => putBelow(contentOf(block, told)));
}
editor.on("block:drag:stop", (component, block) => {
  if (!component || block?.id !== "product") return;
  chooseProduct(about, (told) => editor.select(component.replaceWith(contentOf(block, told))[0]), () => component.remove());
});
$("[data-do=product]").addEventListener("click", () => {
  const cursor = area.selectionStart;
  chooseProduct(about, (told) => {
    const place = placeIn(area.value, cursor);
    if (!place) { note(words.no_place); return; }
    const own = { name: words.product_name, description: words.product_text, price: words.product_price };
    const made = product(words, told || own, place.within);
    area.focus();
    area.setSelectionRange(place.at, place.at);
    document.execCommand("insertText", false, `\n${made.replace(/>(?=<\/?mj-)/g, ">\n")}\n`);  // Ctrl-Z takes it back
  }, () => area.focus());
});

// A clicked block goes below what is chosen: a section after its section, anything else into its column.
function putBelow(content) {
  const chosen = editor.getSelected();
  const isSection = /^\s*<mj-(section|wrapper)/.test(content);
  const body = editor.getWrapper().findType("mj-body")[0];
  const rows = body.components();
  const below = (place, one) => place.append(content, { at: one ? one.index() + 1 : undefined })[0];
  let put;
  if (isSection) {
    const row = chosen && rows.models.find((one) => one === chosen || one.contains(chosen));
    const footer = rows.models.find(isFooter);
    put = row && row !== footer ? below(body, row) : body.append(content, { at: footer ? footer.index() : undefined })[0];
  } else {
    const column = (chosen && (chosen.get("type") === "mj-column" ? chosen : chosen.closestType("mj-column")))
      || body.findType("mj-column").filter((one) => !isFooter(one)).pop();
    if (!column) return;
    put = below(column, chosen && chosen.parent() === column ? chosen : null);
  }
  if (put) { editor.select(put); put.getEl()?.scrollIntoView({ block: "nearest" }); }
}

// A contact's field goes where the cursor stands, with words for who has none; both are text and can be changed there.
const option = (one) => {
  const fallback = one.fallback ? ` | default: "${one.fallback}"` : "";
  const made = new Option(one.label, `{{ contact.${one.name}${fallback} }}`);
  made.setAttribute("value", made.value);
  return made.outerHTML;
};
editor.RichTextEditor.add("field", {
  icon: `<select class="field-menu" aria-label="${words.field}"><option value="">${words.field}</option>${about.fields.map(option).join("")}</select>`,
  event: "change", attributes: { title: words.field },
  result: (rte, action) => {
    const menu = action.btn.querySelector("select");
    if (menu.value) rte.insertHTML(menu.value.replaceAll('"', "&quot;"));
    menu.value = "";
  },
});

// Who gets a section: an attribute that the server turns into a condition.
const CONDITIONAL = new Set(["mj-section", "mj-wrapper", "mj-hero"]);
editor.on("component:selected", (component) => {
  $("[data-nothing]").hidden = true;
  for (const name of ["id", "title"]) component.removeTrait(name);
  nameTools(component);
  if (!CONDITIONAL.has(component.get("type")) || component.getTrait("shown-to") || isFooter(component)) return;
  const options = [{ id: "", name: words.everyone }];
  for (const one of about.segments) options.push({ id: `segment-${one.id}`, name: words.who_is.replace("%s", one.name) });
  for (const one of about.segments) options.push({ id: `not-segment-${one.id}`, name: words.who_is_not.replace("%s", one.name) });
  component.addTrait({ type: "select", name: "shown-to", label: words.shown_to, options }, { at: 0 });
});

// Some styles are chosen by icons of a font that is not here; without them GrapesJS says their words.
editor.onReady(() => {
  for (const sector of editor.StyleManager.getSectors().models) {
    for (const style of sector.getProperties()) {
      if (style.getType() === "radio") style.setOptions(style.getOptions().map(({ className, ...one }) => one));
    }
  }
});

// The tools over a chosen part are signs alone; GrapesJS has no words for them.
function nameTools(component) {
  const tools = component.get("toolbar") || [];
  component.set("toolbar", tools.map((tool) => {
    const title = canvas.tools[tool.command] || canvas.tools.exit;
    return { ...tool, attributes: { ...tool.attributes, title } };
  }));
}
editor.on("component:deselected", () => { $("[data-nothing]").hidden = Boolean(editor.getSelected()); });

const isFooter = (component) => component.toHTML().includes("unsubscribe_url");

function keepFooter() {
  const body = editor.getWrapper().findType("mj-body")[0];
  if (!body) return;
  let footer = body.components().models.find(isFooter);
  if (!footer) {
    [footer] = body.append(about.footer);
    if (!isLoading) say(words.footer_stays, { level: "info" });
  }
  footer.set({ removable: false, copyable: false });
  for (const one of [...footer.findType("mj-column"), ...footer.findType("mj-text")]) if (isFooter(one)) one.set({ removable: false, copyable: false });
}
editor.on("component:remove", () => { if (!isLoading) queueMicrotask(keepFooter); });

function show(source) {
  const apart = takenApart(source);
  isLoading = true;
  head = apart.head;
  editor.setComponents(apart.body);
  keepFooter();
  editor.UndoManager.clear();
  isLoading = false;
}

export const source = () => (view === "source" ? area.value : joined(head, editor.getHtml()));
const typed = () => ({ mjml: source(), ...Object.fromEntries(lines.map((line) => [line.name, line.value])) });

// What is saved, and what is only here: each opening of the page keeps its words in the browser until the server has them,
// so that of two tabs neither takes the other's away.
const AGAIN_MS = 5000;
const ownKey = `${about.key}:${crypto.getRandomValues(new Uint32Array(1))[0].toString(36)}`;
let saved = "";
const trace = (told) => JSON.stringify(told).replace(/\\[rn]|\s+/g, "");  // line ends and blanks between parts say nothing
const isChanged = () => trace(typed()) !== saved;
const state = (text) => { $("[data-state]").textContent = text; };
let waiting = 0;
function changed() {
  if (isLoading) return;
  state(words.unsaved);
  clearTimeout(waiting);
  waiting = setTimeout(keep, 800);
}
function keep() {
  if (!isChanged()) { localStorage.removeItem(ownKey); state(words.saved); return; }
  try { localStorage.setItem(ownKey, JSON.stringify({ ...typed(), revision, at: Date.now() })); } catch { /* a full store keeps nothing; the page still holds it */ }
}
editor.on("update", changed);
area.addEventListener("input", changed);

function note(text, ...links) {
  const place = $("[data-note]");
  place.replaceChildren(text, ...links);
  place.hidden = !text;
}
function button(text, act) {
  const made = document.createElement("button");
  made.type = "button"; made.className = "btn btn-sm btn-plain"; made.textContent = text;
  made.addEventListener("click", act);
  return made;
}

async function send(url, told) {
  const body = new FormData();
  for (const [name, value] of Object.entries(told)) body.append(name, value);
  return fetch(url, { method: "POST", body, headers: { "X-CSRFToken": token, Accept: "application/json" } });
}

let again = 0;
async function save() {
  if (isSaving) return;
  isSaving = true;
  clearTimeout(again);
  again = 0;
  state(words.saving);
  await editor.getEditing()?.getView().disableEditing();  // a text one writes in is taken over when one leaves it
  const sent = typed();
  try {
    const answer = await send(about.save, { ...sent, revision });
    const told = await answer.json();
    if (answer.status === 409) {
      revision = told.revision;
      const link = Object.assign(document.createElement("a"), { href: told.version, target: "_blank", textContent: words.see_other });
      note(told.error, " ", link);
    } else if (!answer.ok) note(told.error);
    else {
      revision = told.revision;
      saved = trace(sent);
      localStorage.removeItem(ownKey);
      note("");
      say(told.said, { undo: told.undo });
    }
  } catch {
    keep();
    note(words.offline);
    again = setTimeout(save, AGAIN_MS);
  }
  state(isChanged() ? words.unsaved : words.saved);
  isSaving = false;
}

// Canvas, source and preview are three looks at the same words.
function look(next) {
  if (view === "source" && next !== "source") {
    try { show(area.value); note(""); } catch (fault) { note(words.unreadable.replace("%s", fault.message)); return; }
  }
  if (next === "source") area.value = source();
  view = next;
  for (const pane of document.querySelectorAll("[data-pane]")) pane.hidden = pane.dataset.pane !== view;
  for (const one of document.querySelectorAll("[data-view]")) one.setAttribute("aria-pressed", String(one.dataset.view === view));
  document.body.dataset.view = view;
  if (view === "preview") preview();
  if (view === "canvas") editor.refresh();
}
for (const one of document.querySelectorAll("[data-view]")) one.addEventListener("click", () => look(one.dataset.view));

const reader = chooser($("[data-as]"), about.people, () => preview());
async function preview() {
  const wanted = { ...typed(), contact: reader() };
  for (const box of document.querySelectorAll("[data-look]:checked")) wanted[box.dataset.look] = "1";
  const frame = $("[data-preview-frame]"), plain = $("[data-preview-text]");
  let told;
  try { told = await (await send(about.preview, wanted)).json(); } catch { note(words.offline); return; }
  if (told.error) { note(told.error); return; }
  note("");
  $("[data-preview-subject]").textContent = told.subject;
  frame.srcdoc = told.html;
  frame.classList.toggle("is-phone", Boolean(wanted.phone));
  plain.textContent = told.text;
  plain.hidden = !wanted.text;
  frame.hidden = Boolean(wanted.text);
}
for (const box of document.querySelectorAll("[data-look]")) box.addEventListener("change", preview);

for (const line of lines) {
  const tell = () => {
    tellLength(line, line.parentElement.querySelector(".line-length"), Number(line.dataset.cut));
  };
  line.addEventListener("input", () => { tell(); changed(); });
  tell();
}
for (const one of document.querySelectorAll("[data-device]")) {
  one.addEventListener("click", () => {
    editor.setDevice(one.dataset.device);
    for (const other of document.querySelectorAll("[data-device]")) other.setAttribute("aria-pressed", String(other === one));
  });
}
$("[data-do=undo]").addEventListener("click", () => editor.UndoManager.undo());
$("[data-do=redo]").addEventListener("click", () => editor.UndoManager.redo());
$("[data-do=save]").addEventListener("click", save);
const onSave = (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") { event.preventDefault(); save(); }
};
document.addEventListener("keydown", onSave);
editor.on("canvas:frame:load:body", ({ window: inner }) => inner.document.addEventListener("keydown", onSave));
window.addEventListener("online", () => { if (again) save(); });
window.addEventListener("beforeunload", (event) => { if (isChanged()) event.preventDefault(); });
window.addEventListener("pagehide", () => { if (document.body.dataset.ready) keep(); });

function begin(text) {
  try { show(text); } catch (fault) {
    area.value = text;
    view = "source";
    look("source");
    note(words.unreadable.replace("%s", fault.message));
  }
}

editor.onReady(() => {
  begin(about.source);
  isLoading = false;
  saved = trace(typed());
  document.body.dataset.ready = "1";
  offerKept();
});

// Words kept by another opening of the page and never saved, the newest first; they stay until somebody decides.
function offerKept() {
  const keys = Object.keys(localStorage).filter((key) => key.startsWith(`${about.key}:`) && key !== ownKey);
  const [newest] = keys.map((key) => ({ key, ...JSON.parse(localStorage.getItem(key)) })).sort((a, b) => b.at - a.at);
  note("");
  if (!newest) return;
  note(words.kept, " ", button(words.use_them, () => {
    for (const line of lines) { line.value = newest[line.name]; line.dispatchEvent(new Event("input")); }
    begin(newest.mjml);
    revision = newest.revision;  // who saved since then is not written over unseen
    keep();
    localStorage.removeItem(newest.key);
    note("");
  }), button(words.drop, () => { localStorage.removeItem(newest.key); offerKept(); }));
}
window.batonEditor = editor;
