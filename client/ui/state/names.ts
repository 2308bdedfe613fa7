import { signal } from "@preact/signals";
import type { Person } from "../../comet/halley.ts";

/** Characters of a public token that tell people of one name apart. */
const MARK_LENGTH = 4;

/** Knows whose names look alike, among all people that were seen. */
export class Names {
  readonly #tokens = new Map<string, string>();
  readonly #alike = signal<ReadonlySet<string>>(new Set());

  constructor(self: Person) {
    this.note(self);
  }

  note({ displayName, publicToken }: Person): void {
    const look = skeletonOf(displayName);
    const known = this.#tokens.get(look);
    if (known === undefined) this.#tokens.set(look, publicToken);
    if (known === undefined || known === publicToken || this.#alike.peek().has(look)) return;
    this.#alike.value = new Set([...this.#alike.peek(), look]);
  }

  /** A mark to show beside a name that more than one person has. */
  markOf({ displayName, publicToken }: Person): string | undefined {
    return this.#alike.value.has(skeletonOf(displayName))
      ? publicToken.slice(-MARK_LENGTH)
      : undefined;
  }
}

/** Letters of other scripts, in small, that look like Latin ones, and what they look like. */
const FOREIGN = "авсеёһіјкӏмноԛрѕтухуԝαβγεικνορτυχωϲ";
const LATIN = "abceehljklmhoqpstyxywabyelkvoptuxwc";

/** Names that look alike have the same: in whatever case, width and script, with whatever blanks, and with digits like letters. */
function skeletonOf(name: string): string {
  const small = name.normalize("NFKC").toLowerCase().replace(/\s+/g, " ");
  const latin = Array.from(small, (letter) => LATIN[FOREIGN.indexOf(letter)] ?? letter).join("");
  return latin.replace(/[1|ıi]/g, "l").replaceAll("0", "o");
}
