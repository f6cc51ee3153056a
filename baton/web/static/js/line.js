// A line of an email as somebody unknown would read it: a field is what is said where it is empty.
const FIELD = /\{\{[^}]*?(?:default:\s*(?:"([^"]*)"|'([^']*)'))?\s*\}\}/g;

export const asRead = (line) => line.replace(FIELD, (_all, one, other) => one ?? other ?? "").replace(/\{%.*?%\}/g, "");
