import type { KeyValue } from "../model/store.ts";

/** The first characters of public tokens, in the order of strings. Each list has the people with one of these. */
export const FIRST = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";

/** Maximum number of people in a list: a value of Deno KV has up to 64 KiB. */
const LIST_LENGTH = 2_000;

/**
 * Lists who has devices, for what is pushed to everyone: values are found by their names only. Somebody whose devices are gone
 * may still be listed.
 */
export class PushPeople {
  readonly #keyValue: KeyValue;

  constructor(keyValue: KeyValue) {
    this.#keyValue = keyValue;
  }

  /** Does nothing if a list is full. */
  async add(publicToken: string): Promise<void> {
    await this.#change(
      publicToken,
      (people) => people.includes(publicToken) ? people : [...people, publicToken],
    );
  }

  async remove(publicToken: string): Promise<void> {
    await this.#change(publicToken, (people) => people.filter((one) => one !== publicToken));
  }

  /** In the order of public tokens, after one of them. */
  async *all(after = ""): AsyncGenerator<string> {
    for (const first of FIRST) {
      if (first < after.charAt(0)) continue;
      const people = parse(await this.#keyValue.get(nameOf(first)));
      yield* people.filter((one) => one > after).sort();
    }
  }

  /** Repeated until no other node has changed the list meanwhile. */
  async #change(
    publicToken: string,
    change: (people: readonly string[]) => readonly string[],
  ): Promise<void> {
    const name = nameOf(publicToken);
    while (true) {
      const before = await this.#keyValue.get(name);
      const people = parse(before);
      const changed = change(people);
      if (changed.length === people.length || changed.length > LIST_LENGTH) return;
      if (await this.#keyValue.replace(name, before, JSON.stringify(changed))) return;
    }
  }
}

function nameOf(publicToken: string): string {
  return `push people ${publicToken.charAt(0)}`;
}

function parse(stored: string | undefined): readonly string[] {
  return stored === undefined ? [] : JSON.parse(stored);
}
