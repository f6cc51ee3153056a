// Choosing a picture for a mail, or adding one with the words that describe it.
export function choosePicture(about, token, choose) {
  const dialog = document.querySelector("[data-pictures]");
  const grid = dialog.querySelector("[data-grid]"), form = dialog.querySelector("[data-upload]");
  const fault = dialog.querySelector("[data-upload-error]");
  const take = (picture) => { dialog.close(); choose(picture); };
  grid.replaceChildren(...about.pictures.map((picture) => {
    const card = document.createElement("button");
    card.type = "button";
    const shown = Object.assign(document.createElement("img"), { src: picture.src, alt: picture.alt || picture.name, loading: "lazy" });
    card.append(shown, Object.assign(document.createElement("span"), { textContent: picture.name }));
    card.addEventListener("click", () => take(picture));
    return card;
  }));
  form.onsubmit = async (event) => {
    event.preventDefault();
    fault.textContent = "";
    try {
      const answer = await fetch(about.upload, { method: "POST", body: new FormData(form), headers: { "X-CSRFToken": token, Accept: "application/json" } });
      const told = await answer.json();
      if (!answer.ok) { fault.textContent = told.error; return; }
      about.pictures.unshift(told);
      form.reset();
      take(told);
    } catch { fault.textContent = about.words.offline; }
  };
  dialog.querySelector("[data-close]").onclick = () => dialog.close();
  dialog.showModal();
}
