// A mail's source, made fit for the canvas and back. The head is kept aside: it has nothing to draw.
const HEAD = /<mj-head>[\s\S]*?<\/mj-head>/;
const BODY = /<mj-body[\s\S]*<\/mj-body>/;
const OF_ALL = new Set(["mj-text", "mj-button", "mj-table", "mj-navbar-link", "mj-social-element"]);

// Throws an Error with the reader's own words for a source that is not well made.
export function takenApart(text) {
  const body = read(BODY.exec(text)?.[0] || "<mj-body></mj-body>");
  const head = read(HEAD.exec(text)?.[0] || "<mj-head></mj-head>");
  const usual = head.querySelector("mj-attributes");
  if (usual) {
    // The canvas knows no defaults of the head; each part gets them for its own.
    for (const one of [...usual.children]) {
      if (one.localName === "mj-class") continue;
      for (const part of parts(body, one.localName)) {
        for (const { name, value } of one.attributes) if (!part.hasAttribute(name)) part.setAttribute(name, value);
      }
      one.remove();
    }
    if (!usual.children.length) usual.remove();
  }
  return { head: written(head), body: `<mjml>${written(body)}</mjml>` };
}

export function joined(head, page) {
  const body = BODY.exec(page)?.[0] || "<mj-body></mj-body>";
  return `<mjml>\n${head}\n${body.replace(/>(?=<\/?mj-)/g, ">\n")}\n</mjml>\n`;
}

// The next place at or after the cursor where something may be put in, and the part of MJML it would stand in; from a
// cursor below everything, above the footer.
const HOLDERS = new Set(["mj-body", "mj-wrapper", "mj-section", "mj-group", "mj-column", "mj-hero"]);
const TAG = /<(\/?)(mj-[a-z-]+|mjml)\b(?:"[^"]*"|'[^']*'|[^"'>])*?(\/?)>/g;
export function placeIn(text, cursor) {
  const open = [];
  let at = cursor;
  for (const tag of text.matchAll(TAG)) {
    if (tag.index >= at && HOLDERS.has(open.at(-1))) return { at, within: open.at(-1) };
    const [, closes, name, alone] = tag;
    if (closes) open.splice(Math.max(open.lastIndexOf(name), 0));
    else if (!alone) open.push(name);
    at = Math.max(at, tag.index + tag[0].length);
  }
  const footer = text.lastIndexOf("<mj-section", text.indexOf("unsubscribe_url"));
  return footer >= 0 && footer < cursor ? placeIn(text, footer) : null;
}

function parts(body, name) {
  if (name !== "mj-all") return body.getElementsByTagName(name);
  return [...body.getElementsByTagName("*")].filter((one) => OF_ALL.has(one.localName));
}

function read(text) {
  const page = new DOMParser().parseFromString(numbered(text), "text/xml");
  const fault = page.querySelector("parsererror");
  if (fault) throw new Error((fault.querySelector("div") || fault).textContent.split("\n")[0].slice(0, 160));
  return page.documentElement;
}

// XML knows five names of signs, HTML two thousand.
function numbered(text) {
  const place = document.createElement("textarea");
  return text.replace(/&([a-zA-Z][a-zA-Z0-9]+);/g, (all, name) => {
    if (["amp", "lt", "gt", "quot", "apos"].includes(name)) return all;
    place.innerHTML = all;
    return [...place.value].map((sign) => `&#${sign.codePointAt(0)};`).join("");
  }).replace(/&(?!#?[a-zA-Z0-9]+;)/g, "&amp;").replace(/<(br|hr)\s*>/g, "<$1/>");
}

const written = (node) => new XMLSerializer().serializeToString(node).replaceAll("\u00a0", "&#160;");
