import type { Person } from "../../comet/halley.ts";
import type { Names } from "../state/names.ts";

/** A display name, with a mark that distinguishes people whose names look the same. */
export function PersonName({ person, names }: { readonly person: Person; readonly names: Names }) {
  return (
    <>
      <span class="name" dir="auto" title={person.displayName}>{person.displayName}</span>
      <NameMark mark={names.markOf(person)} />
    </>
  );
}

/** What distinguishes a name from others that look like it, if there are any. */
export function NameMark({ mark }: { readonly mark: string | undefined }) {
  return mark === undefined ? null : <span class="name-mark">{mark}</span>;
}
