import { signal } from "@preact/signals";
import { skeletonOf } from "../../../server/protocol/confusable.ts";
import type { Person } from "../../comet/halley.ts";

/** Number of characters of a public token that are shown beside a confusable name. */
const MARK_LENGTH = 4;

/** Finds people with confusable names among all that this page has seen. */
export class Names {
  /** The first public token seen with each skeleton. */
  readonly #tokens = new Map<string, string>();
  /** The name of each person, by public token. */
  readonly all = new Map<string, string>();
  /** The skeletons of more than one person. */
  readonly #ambiguous = signal<ReadonlySet<string>>(new Set());

  constructor(self: Person) {
    this.add(self);
  }

  add({ displayName, publicToken }: Person): void {
    this.all.set(publicToken, displayName);
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
}

/** Names with the same key look alike. */
export function keyOf(name: string): string {
  return skeletonOf(name, "l").replaceAll("i", "l");
}
