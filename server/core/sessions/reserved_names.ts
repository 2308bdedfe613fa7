import { skeletonOf } from "../../protocol/confusable.ts";
import { Refused } from "../model/refused.ts";

/** Names that guests cannot use, nor any name that looks like one of them. */
export class ReservedNames {
  readonly #skeletons: ReadonlySet<string>;

  constructor(names: readonly string[]) {
    this.#skeletons = new Set(names.map(skeletonOf));
  }

  /** Rejects a reserved name with `name_reserved`. */
  check(name: string): void {
    if (!this.#skeletons.has(skeletonOf(name))) return;
    throw new Refused("name_reserved", "This name looks like a reserved one: choose another name");
  }
}
