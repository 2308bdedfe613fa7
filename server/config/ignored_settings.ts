import type { ReadSetting } from "../base/setting_reader.ts";
import type { SettingSource } from "./setting_sources.ts";

/** The settings of the commands that send requests to a server. */
const CLIENT_SETTINGS = ["HALLEY_URL", "HALLEY_KEY"];

/** The rest of a longer name is not shown: it may be a line of a key. */
const MAX_NAME_LENGTH = 40;

/** Describes what is ignored in `.env` files, which is probably misspelt: unknown names, and lines that are not settings. */
export function ignoredSettings(
  sources: readonly SettingSource[],
  settings: readonly ReadSetting[],
): readonly string[] {
  const known = [...settings.map(({ name }) => name), ...CLIENT_SETTINGS];
  return sources.filter(({ isOwn }) => isOwn).flatMap(({ name: file, values, ignoredLines }) => [
    ...ignoredLines.map((line) =>
      `Line ${line} of ${file} is not a setting and is ignored: settings have the form NAME=value`
    ),
    ...Object.keys(values).filter((name) => !known.includes(name)).map((name) =>
      describeUnknown(name, file, known)
    ),
  ]);
}

function describeUnknown(name: string, file: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  const shown = name.length > MAX_NAME_LENGTH ? `${name.slice(0, MAX_NAME_LENGTH / 2)}…` : name;
  return `${shown} in ${file} is not a setting of Halley and is ignored` +
    (nearest === undefined ? "" : `: did you mean ${nearest}?`);
}

/** The known name that a misspelt one is closest to, if at least two thirds of it agree. */
function nearestName(name: string, known: readonly string[]): string | undefined {
  const word = name.slice(0, MAX_NAME_LENGTH).toUpperCase().replaceAll("-", "_")
    .replace(/^HALLEY_/, "");
  const [nearest] = known.map((setting) => ({ setting, edits: editsBetween(word, setting) }))
    .filter(({ setting, edits }) => edits * 3 <= setting.length)
    .sort((a, b) => a.edits - b.edits);
  return nearest?.setting;
}

/** The Levenshtein distance: the number of characters to insert, remove or replace. */
function editsBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (const [i, character] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const replaced = (row[j] ?? 0) + (character === b[j] ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
