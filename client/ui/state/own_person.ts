import { signal } from "@preact/signals";
import type { CometClient, Person } from "../../comet/halley.ts";
import type { Names } from "./names.ts";

/** The person whose chat it is. Views that show the name follow it when it changes. */
export interface OwnPerson extends Person {
  rename(displayName: string): void;
}

/** Follows the name, also when another tab or device of the session changes it. */
export function ownPerson(
  person: Person,
  { client, names }: { readonly client: CometClient; readonly names: Names },
): OwnPerson {
  const { publicToken } = person;
  const name = signal(person.displayName);
  const self: OwnPerson = {
    ...person,
    // An own property, so that copies of the person have it.
    get displayName() {
      return name.value;
    },
    rename(displayName) {
      name.value = displayName;
      names.add({ publicToken, displayName });
    },
  };
  client.on("signal", ({ type, from }) => {
    if (type === "renamed") self.rename(from.displayName);
  });
  return self;
}
