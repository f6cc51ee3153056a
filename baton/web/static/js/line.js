// A line of an email as somebody unknown would read it: a field is what is said where it is empty.
const FIELD = /\{\{[^}]*?(?:default:\s*(?:"([^"]*)"|'([^']*)'))?\s*\}\}/g;

const asRead = (line) => line.replace(FIELD, (_all, one, other) => one ?? other ?? "").replace(/\{%.*?%\}/g, "");

// Tells at `place` how long what is typed will be read, of so many letters; gives the letters.
export function tellLength(line, place, most) {
  const letters = [...asRead(line.value)];
  place.textContent = `${letters.length} / ${most}`;
  place.classList.toggle("is-over", letters.length > most);
  return letters;
}
