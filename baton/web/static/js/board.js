// The deal board: drag, keys, and the stage form in place. Without it every card still has its "Move to..." page.
import Sortable from "../vendor/sortable/sortable.esm.js";

const board = document.querySelector("[data-board]");
const dialog = document.querySelector("[data-board-dialog]");
const query = board?.dataset.query ? `?${board.dataset.query}` : "";
const csrf = () => document.querySelector("meta[name=csrf-token]")?.content
  ?? document.cookie.split("; ").find((part) => part.startsWith("csrftoken="))?.slice(10) ?? "";

if (board) {
  if (board.dataset.mayMove) {
    for (const list of board.querySelectorAll("[data-cards]")) {
      Sortable.create(list, {
        group: "deals", animation: 120, delay: 150, delayOnTouchOnly: true, sort: false, filter: "[data-move-menu]",
        preventOnFilter: false, onEnd: (event) => event.from !== event.to && move(event.item, event.to, placeOf(event)),
      });
    }
  }
  board.addEventListener("keydown", onKey);
  board.addEventListener("click", onClick);
  board.querySelector(".deal-card")?.setAttribute("tabindex", "0");
}

function placeOf(event) {
  return { list: event.from, before: event.from.children[event.oldIndex] ?? null };
}

// A card stands in its new column already; it goes back to `origin` with the reason when the server refuses.
async function move(card, list, origin, fields = {}) {
  const body = new URLSearchParams({ stage: list.closest("[data-stage]").dataset.stage, revision: card.dataset.revision, ...fields });
  card.classList.add("is-moving");
  let answer;
  let said = {};
  try {
    answer = await fetch(card.dataset.move + query, {
      method: "POST", body, headers: { Accept: "application/json", "X-CSRFToken": csrf() },
    });
    said = await answer.json();
  } catch {
    return giveBack(card, origin, answer ? `${answer.status}` : board.dataset.sayOffline);
  }
  card.classList.remove("is-moving");
  if (answer.ok) return settle(card, list, said);
  if (answer.status === 422 && said.form) return ask(card, list, origin, said.form);
  return giveBack(card, origin, `${said.reason} ${board.dataset.sayRefused}`);
}

function settle(card, list, said) {
  const fresh = fragment(said.card);
  card.replaceWith(fresh);
  for (const [stage, html] of Object.entries(said.heads)) {
    const head = board.querySelector(`[data-stage="${stage}"] [data-head]`);
    if (head) head.innerHTML = html;
  }
  choose(fresh);
}

function giveBack(card, origin, reason) {
  card.classList.remove("is-moving");
  origin.list.insertBefore(card, origin.before);
  card.classList.add("is-back");
  setTimeout(() => card.classList.remove("is-back"), 2500);
  choose(card);
  tell(reason);
}

// What the stage demands, asked in place. Closing the form sends the card back.
function ask(card, list, origin, html) {
  dialog.innerHTML = html;
  const form = dialog.querySelector("form");
  let sent = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    sent = true;
    const fields = Object.fromEntries(new FormData(form));
    delete fields.csrfmiddlewaretoken;
    dialog.close();
    move(card, list, origin, fields);
  });
  dialog.querySelector("[data-close]")?.addEventListener("click", (event) => { event.preventDefault(); dialog.close(); });
  dialog.addEventListener("close", () => sent || giveBack(card, origin, board.dataset.sayRefused), { once: true });
  dialog.showModal();
}

// "Move to..." on the card or with m: the same choice as the page without script, in a dialog.
async function menu(card) {
  const page = await (await fetch(card.dataset.move)).text();
  const part = new DOMParser().parseFromString(page, "text/html").querySelector("[data-part]");
  if (!part) return location.assign(card.dataset.move);
  dialog.replaceChildren(...document.importNode(part, true).childNodes);
  dialog.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    dialog.close();
    const list = board.querySelector(`[data-stage="${event.submitter.value}"] [data-cards]`);
    take(card, list);
  });
  dialog.showModal();
}

function take(card, list) {
  if (!list || card.parentElement === list) return;
  const origin = { list: card.parentElement, before: card.nextElementSibling };
  list.prepend(card);
  move(card, list, origin);
}

function onKey(event) {
  const card = event.target.closest(".deal-card");
  if (!card || event.target !== card || event.ctrlKey || event.metaKey || event.altKey) return;
  const columns = [...board.querySelectorAll("[data-cards]")];
  const list = card.parentElement;
  const at = columns.indexOf(list);
  const step = { ArrowRight: 1, l: 1, ArrowLeft: -1, h: -1 }[event.key] ?? { L: 1, H: -1 }[event.key];
  if (step && (event.shiftKey || "LH".includes(event.key))) {
    if (board.dataset.mayMove) take(card, columns[at + step]);
  } else if (step) {
    const next = columns.slice(step > 0 ? at + 1 : 0, step > 0 ? undefined : at).filter((one) => one.children.length);
    choose((step > 0 ? next[0] : next.at(-1))?.children[Math.min([...list.children].indexOf(card), (step > 0 ? next[0] : next.at(-1)).children.length - 1)]);
  } else if (event.key === "ArrowDown" || event.key === "j") choose(card.nextElementSibling);
  else if (event.key === "ArrowUp" || event.key === "k") choose(card.previousElementSibling);
  else if (event.key === "Enter") card.querySelector("a").click();
  else if (event.key === "m" && board.dataset.mayMove) menu(card);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function onClick(event) {
  const link = event.target.closest("[data-move-menu], [data-more]");
  if (!link) {
    const card = event.target.closest(".deal-card");
    if (card && !event.target.closest("a, button")) choose(card);
    return;
  }
  event.preventDefault();
  if (link.hasAttribute("data-more")) more(link);
  else menu(link.closest(".deal-card"));
}

async function more(link) {
  const html = await (await fetch(link.href, { headers: { "X-Part": "1" } })).text();
  const part = document.createElement("template");
  part.innerHTML = html;
  const list = link.previousElementSibling;
  const first = part.content.querySelector(".deal-card");
  link.replaceWith(...part.content.querySelectorAll("[data-more]"));
  list.append(...part.content.querySelectorAll(".deal-card"));
  choose(first);
}

function choose(card) {
  if (!card) return;
  for (const other of board.querySelectorAll('.deal-card[tabindex="0"]')) other.setAttribute("tabindex", "-1");
  card.setAttribute("tabindex", "0");
  card.focus();
  card.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function fragment(html) {
  const template = document.createElement("template");
  template.innerHTML = html.trim();
  return template.content.firstElementChild;
}

function tell(text) {
  document.querySelector(".toast-line")?.remove();
  const line = document.createElement("div");
  line.className = "toast-line";
  line.setAttribute("role", "alert");
  line.textContent = text;
  document.body.append(line);
  setTimeout(() => line.remove(), 8000);
}
