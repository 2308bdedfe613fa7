/** Lower-case Cyrillic, Armenian and Greek letters, and the Latin letters that they look like. */
const FOREIGN = "авсеёһіјкӏмноԛрѕтухуԝαβγεικνορτυχωϲ";
const LATIN = "abceehljklmhoqpstyxywabyelkvoptuxwc";

/** Marks, spaces, punctuation, symbols and invisible characters, which do not make names distinct. */
const IGNORED = /[\p{M}\p{P}\p{Z}\p{S}\p{C}\s]|\p{Default_Ignorable_Code_Point}/gu;

/**
 * The skeleton of a name, as in Unicode UTS 39: names that look alike have the same. Case, width, script, marks, spaces
 * and punctuation make no difference, nor do digits that look like letters. A name that consists of these alone is its
 * own skeleton.
 */
export function skeletonOf(name: string): string {
  const lower = name.normalize("NFKD").toLowerCase().replaceAll("|", "l").replace(IGNORED, "");
  const latin = Array.from(lower, (letter) => LATIN[FOREIGN.indexOf(letter)] ?? letter).join("");
  const skeleton = latin.replace(/[1ıi]/g, "l").replaceAll("0", "o").replaceAll("5", "s")
    .replaceAll("3", "e").replaceAll("rn", "m").replaceAll("vv", "w");
  return skeleton || name;
}
