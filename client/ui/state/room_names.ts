import { computed, type ReadonlySignal } from "@preact/signals";
import { keyOf } from "./names.ts";

/** Maximum number of characters in the mark of a room. */
const MAX_MARKS = 3;

/** Finds rooms whose names look the same, among all that the page shows. */
export class RoomNames {
  readonly #byKey: ReadonlySignal<ReadonlyMap<string, readonly string[]>>;

  /** `list` returns the names of the rooms, also twice; it may read signals. */
  constructor(list: () => readonly string[]) {
    this.#byKey = computed(() => {
      const byKey = new Map<string, string[]>();
      for (const name of new Set(list())) {
        const key = keyOf(name);
        byKey.set(key, [...byKey.get(key) ?? [], name]);
      }
      return byKey;
    });
  }

  /** The first character in which the name of a room differs from each of the others that look like it. */
  markOf(name: string): string | undefined {
    const others = this.#byKey.value.get(keyOf(name))?.filter((other) => other !== name) ?? [];
    const marks = new Set(others.map((other) => firstDifference(name, other)));
    return marks.size === 0 ? undefined : [...marks].slice(0, MAX_MARKS).join(" ");
  }
}

function firstDifference(name: string, other: string): string {
  const others = Array.from(other);
  const code = Array.from(name).find((character, n) => character !== others[n])?.codePointAt(0);
  return code === undefined ? "–" : `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
}
