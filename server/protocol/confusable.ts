/** Letters of other scripts, in small, that look like Latin ones, and what they look like. */
const FOREIGN = "авсеёһіјкӏмноԛрѕтухуԝαβγεικνορτυχωϲ";
const LATIN = "abceehljklmhoqpstyxywabyelkvoptuxwc";

/** What changes nothing of what one sees: marks on letters, blanks, punctuation, and what shows nothing. */
const TRIFLES = /[\p{M}\p{P}\p{Z}\p{S}\p{C}\s]|\p{Default_Ignorable_Code_Point}/gu;

/**
 * Names that look alike have the same: in whatever case, width and script, with whatever marks, blanks and punctuation,
 * and with digits like letters.
 */
export function skeletonOf(name: string): string {
  const small = name.normalize("NFKD").toLowerCase().replace(TRIFLES, "");
  const latin = Array.from(small, (letter) => LATIN[FOREIGN.indexOf(letter)] ?? letter).join("");
  return latin.replace(/[1ıi]/g, "l").replaceAll("0", "o").replaceAll("5", "s")
    .replaceAll("3", "e").replaceAll("rn", "m").replaceAll("vv", "w");
}
