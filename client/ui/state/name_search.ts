/** Orders names as people do: numbers by their value, whatever the case and the accents. */
export const compareNames = new Intl.Collator(undefined, { numeric: true }).compare;

/** A text without accents and case, for searches: "Zoë" is found by "zoe". */
export function folded(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

/** Whether one of the texts has each word of a search. */
export function hasWords(texts: readonly string[], search: string): boolean {
  const all = folded(texts.join("\n"));
  return folded(search).split(/\s+/).every((word) => all.includes(word));
}
