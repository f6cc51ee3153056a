// Choosing one of the products that are sold now; what stands in the mail then is text like any other.
const dialog = document.querySelector("[data-products]");
const search = dialog.querySelector("[data-product-search]"), list = dialog.querySelector("[data-product-list]");
const fault = dialog.querySelector("[data-product-error]"), own = dialog.querySelector("[data-product-own]");
let asked = 0, waiting = 0, chosen = null;

// `choose` gets {name, description, price}, or null from who writes it without the list; `leave` is called otherwise.
export function chooseProduct(about, choose, leave = () => {}) {
  let isChosen = false;
  chosen = (product) => { isChosen = true; dialog.close(); choose(product); };
  dialog.onclose = () => { if (!isChosen) leave(); };
  search.oninput = () => { clearTimeout(waiting); waiting = setTimeout(() => look(about), 200); };
  search.value = "";
  look(about);
  dialog.showModal();
  search.focus();
}

async function look(about) {
  const mine = asked += 1;
  try {
    const answer = await fetch(`${about.products}?q=${encodeURIComponent(search.value)}`);
    if (!answer.ok) throw new Error(answer.statusText);
    const found = await answer.text();
    if (mine !== asked) return;  // more was typed meanwhile
    fault.textContent = "";
    list.innerHTML = found;
  } catch { if (mine === asked) fault.textContent = about.words.no_products; }
}

list.addEventListener("click", (event) => {
  const row = event.target.closest("[data-product]");
  if (row) chosen(JSON.parse(row.dataset.product));
});
own.addEventListener("click", () => chosen(null));
dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
// Up and down walk the list, from the field on; Enter in the field takes the first.
dialog.addEventListener("keydown", (event) => {
  const rows = [search, ...list.querySelectorAll("[data-product]")];
  const place = rows.indexOf(document.activeElement);
  if (event.key === "Enter" && place === 0 && rows[1]) { event.preventDefault(); rows[1].click(); }
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || place < 0) return;
  event.preventDefault();
  rows[place + step]?.focus();
});
