import type { Person } from "../../comet/halley.ts";
import type { Names } from "../state/names.ts";

/** A display name, with a mark that distinguishes people whose names look the same. */
export function PersonName({ person, names }: { readonly person: Person; readonly names: Names }) {
  const mark = names.markOf(person);
  return (
    <>
      <span class="name" dir="auto" title={person.displayName}>{person.displayName}</span>
      {mark && <span class="name-mark">{mark}</span>}
    </>
  );
}
