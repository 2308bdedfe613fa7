import { FILE_NAME_LENGTH } from "../protocol/limits.ts";

/** Characters that systems refuse in names, controls, and those that are invisible, hide others or reverse their direction. */
const UNUSABLE =
  /["*:<>?|]|(?![\u200c\u200d\ufe00-\ufe0f])[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** Spaces, and a character that looks like one. */
const BLANKS = /[\s\u2800]+/gu;

/** Marks on a letter beyond the fourth, as for the names of people. */
const EXCESS_MARKS = /(?<=\p{M}{4})\p{M}+/gu;

/** The part of a name from its last dot on, if it is short. */
const ENDING = /\.[^.]{1,16}$/u;

/**
 * The name of a file as it is stored, from the name that its sender uses: without folders and characters that a system
 * refuses, and not too long. Its ending stays.
 */
export function fileNameFrom(name: string): string {
  const [last = ""] = name.slice(-FILE_NAME_LENGTH * 8).split(/[\\/]/).slice(-1);
  const clean = last.toWellFormed().normalize("NFC").replace(UNUSABLE, "")
    .replace(EXCESS_MARKS, "").replace(BLANKS, " ");
  // Systems hide files that begin with a dot, and drop dots and blanks at the end.
  const trimmed = clean.replace(/^[. ]+|[. ]+$/g, "");
  if (trimmed === "") return "file";
  if (trimmed.length <= FILE_NAME_LENGTH) return trimmed;
  const [ending = ""] = ENDING.exec(trimmed) ?? [];
  return trimmed.slice(0, FILE_NAME_LENGTH - ending.length).toWellFormed() + ending;
}
