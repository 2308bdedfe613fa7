import { skeletonOf } from "../../protocol/confusable.ts";
import { Refused } from "../model/refused.ts";

/** Names that no guest may have, nor any that looks like one of them. */
export class ReservedNames {
  readonly #looks: ReadonlySet<string>;

  constructor(names: readonly string[]) {
    this.#looks = new Set(names.map(skeletonOf));
  }

  /** Refuses with `name_reserved`. */
  check(name: string): void {
    if (!this.#looks.has(skeletonOf(name))) return;
    throw new Refused("name_reserved", "This name, or one that looks like it, is reserved");
  }
}
