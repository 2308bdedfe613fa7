import { signal } from "@preact/signals";
import { skeletonOf } from "../../../server/protocol/confusable.ts";
import type { Person } from "../../comet/halley.ts";

/** Number of characters of a public token that are shown beside a confusable name. */
const MARK_LENGTH = 4;

/** Maximum number of characters in the mark of a room. */
const MAX_MARKS = 3;

/** Finds people and rooms with confusable names among all that this page has seen. */
export class Names {
  /** The first public token seen with each skeleton. */
  readonly #tokens = new Map<string, string>();
  /** The skeletons of more than one person. */
  readonly #ambiguous = signal<ReadonlySet<string>>(new Set());
  /** The names of rooms by their keys. */
  readonly #rooms = signal<ReadonlyMap<string, readonly string[]>>(new Map());

  constructor(self: Person) {
    this.add(self);
  }

  add({ displayName, publicToken }: Person): void {
    const skeleton = keyOf(displayName);
    const known = this.#tokens.get(skeleton);
    if (known === undefined) this.#tokens.set(skeleton, publicToken);
    const isNew = known !== undefined && known !== publicToken;
    if (!isNew || this.#ambiguous.peek().has(skeleton)) return;
    this.#ambiguous.value = new Set([...this.#ambiguous.peek(), skeleton]);
  }

  /** The end of the public token, to be shown beside a name that another person's name looks like. */
  markOf({ displayName, publicToken }: Person): string | undefined {
    const isAmbiguous = this.#ambiguous.value.has(keyOf(displayName));
    return isAmbiguous ? publicToken.slice(-MARK_LENGTH) : undefined;
  }

  addRooms(names: readonly string[]): void {
    const rooms = new Map(this.#rooms.peek());
    for (const name of names) {
      const key = keyOf(name);
      rooms.set(key, [...new Set([...rooms.get(key) ?? [], name])]);
    }
    this.#rooms.value = rooms;
  }

  /** The first character in which the name of a room differs from each of the others that look like it. */
  markOfRoom(name: string): string | undefined {
    const others = this.#rooms.value.get(keyOf(name))?.filter((other) => other !== name) ?? [];
    const marks = new Set(others.map((other) => firstDifference(name, other)));
    return marks.size === 0 ? undefined : [...marks].slice(0, MAX_MARKS).join(" ");
  }
}

function firstDifference(name: string, other: string): string {
  const others = Array.from(other);
  const code = Array.from(name).find((character, n) => character !== others[n])?.codePointAt(0);
  return code === undefined ? "–" : `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
}

/** Names with the same key look alike. */
function keyOf(name: string): string {
  return skeletonOf(name, "l").replaceAll("i", "l");
}
