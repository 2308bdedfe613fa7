/** Characters, and the Latin letters that they look like. */
export type LookAlikes = ReadonlyMap<string, string>;

/** Letters of Cyrillic, Greek and Armenian, and digits and symbols in place of letters. */
const COMMON = lookAlikes(
  "aаαɑ@4 bвьβ8 cсς dԁ eеε€3 gɡ hһнհΗ jј kкκ lӏ mмΜ nпηոΝ oоοσօ0 pрρ qԛ rг sѕ$5§ tтτ7 uυս vνѵ wԝω xхχ yуүγΥ iіιı",
);

/** Where these stand for a letter, it is the one or the other. */
const ONE = /[I1|!]/g;

/** Marks, spaces, punctuation, symbols and invisible characters, which do not make names distinct. */
const IGNORED = /[\p{M}\p{P}\p{Z}\p{S}\p{C}]|\p{Default_Ignorable_Code_Point}/gu;

const INVISIBLE = /[\p{Z}\p{C}]|\p{Default_Ignorable_Code_Point}/gu;

/** Parses a table: each word is a Latin letter, and what looks like it. */
export function lookAlikes(words: string): LookAlikes {
  return new Map(
    words.split(" ").flatMap(([latin = "", ...others]) =>
      others.map((other) => [other, latin] as const)
    ),
  );
}

/**
 * The skeleton of a name, as in Unicode UTS 39: names that look alike have the same. Case, width, script, marks, spaces
 * and punctuation make no difference, nor do digits and symbols in place of letters. `I`, `1`, `|` and `!` count as `one`
 * of the letters that they look like. A name without letters is its own skeleton, without what is invisible.
 */
export function skeletonOf(name: string, one: "i" | "l"): string {
  const plain = name.normalize("NFKD");
  // Some capitals look like other letters than their small forms.
  const latin = toLatin(toLatin(plain.replace(ONE, one)).toLowerCase());
  const skeleton = latin.replace(IGNORED, "").replaceAll("rn", "m").replaceAll("vv", "w");
  return skeleton || plain.replace(INVISIBLE, "") || name;
}

function toLatin(text: string): string {
  return Array.from(text, (character) => COMMON.get(character) ?? character).join("");
}
