import type { KeyValue } from "../core/model/store.ts";
import { FIRST } from "../core/sessions/push_people.ts";
import { END, MessageProgress } from "./message_progress.ts";

/** The name of the {@linkcode Head} in the key-value store. */
const NAME = "push progress";

/** Maximum length of a value: Deno KV has up to 64 KiB. */
const MAX_LENGTH = 60_000;

/**
 * All messages up to `newest` are done but those in `open`, and those for which people wait, who are in a {@linkcode List} for
 * each first character of a public token.
 */
interface Head {
  readonly newest: number;
  /**
   * The messages whose people were not all looked at, oldest first: the difference to the id before, and the last person who
   * was, unless nobody was reached.
   */
  readonly open: readonly (number | readonly [number, string])[];
}

/** What an earlier version has stored: the ids of messages that are not done. */
interface EarlierHead {
  readonly newest: number;
  readonly waiting: readonly number[];
}

/** Who waits, of the people with one first character; if there was no room for all, those of messages up to `newest`. */
interface List {
  readonly newest?: number | null;
  /** For each message its id, and for each person the public token, with the names of devices unless all of them wait. */
  readonly waiting: readonly (readonly [number, ...(readonly string[])])[];
}

/** The names of the lists. */
const LISTS = Array.from(FIRST, listOf);

type Store = Pick<KeyValue, "get" | "set" | "remove">;

/**
 * How far the pushes are, in the store: the next job does what is not done, and nothing else. Each value has a bound: where it
 * is reached, the messages from there on are begun again.
 */
export class PushProgress {
  readonly #keyValue: Store;
  /** All messages up to here are done but those in `messages`. */
  readonly newest: number;
  /** By id. */
  readonly #messages: Map<number, MessageProgress>;
  readonly #saved: Map<string, string>;
  #isChanged = false;

  /** `newest` is the id of the newest message of the log: the first job begins after that. */
  static async load(keyValue: Store, newest: number): Promise<PushProgress> {
    const saved = new Map<string, string>();
    await Promise.all([NAME, ...LISTS].map(async (name) => {
      const text = await keyValue.get(name);
      if (text !== undefined) saved.set(name, text);
    }));
    const progress = new PushProgress(keyValue, saved, newest);
    if (!saved.has(NAME)) await progress.save(newest);
    return progress;
  }

  private constructor(keyValue: Store, saved: Map<string, string>, newest: number) {
    this.#keyValue = keyValue;
    this.#saved = saved;
    const stored = parse(saved);
    // The log may have become shorter.
    const isValid = stored !== undefined && stored.newest <= newest;
    this.newest = isValid ? stored.newest : newest;
    this.#messages = isValid ? stored.messages : new Map();
  }

  /** Those that are not done, oldest first. */
  get ids(): readonly number[] {
    return [...this.#messages.keys()].sort((a, b) => a - b);
  }

  has(id: number): boolean {
    return this.#messages.has(id);
  }

  begin(id: number): MessageProgress {
    const progress = this.#messages.get(id) ?? new MessageProgress();
    this.#messages.set(id, progress);
    return progress;
  }

  end(id: number): void {
    this.#messages.delete(id);
    this.#isChanged = true;
  }

  /** Whether there may be something to store. */
  get isChanged(): boolean {
    return this.#isChanged || this.#messages.size > 0;
  }

  /**
   * Stores what has changed: all messages up to `newest` are done but those that have begun and not ended. If it is
   * interrupted, some is done again: the lists are stored before the head, which relies on them.
   */
  async save(newest: number): Promise<void> {
    const texts = format(newest, this.ids.map((id) => [id, this.begin(id)]));
    this.#isChanged = false;
    try {
      await Promise.all(LISTS.map((name) => this.#set(name, texts.get(name))));
      await this.#set(NAME, texts.get(NAME));
    } catch (error) {
      this.#isChanged = true;
      throw error;
    }
  }

  async #set(name: string, text: string | undefined): Promise<void> {
    if (text === this.#saved.get(name)) return;
    if (text === undefined) {
      await this.#keyValue.remove(name);
      this.#saved.delete(name);
    } else {
      await this.#keyValue.set(name, text);
      this.#saved.set(name, text);
    }
  }
}

/** The values by their names. */
function format(
  newest: number,
  messages: readonly (readonly [number, MessageProgress])[],
): ReadonlyMap<string, string> {
  const open = new BoundedList();
  const lists = new Map<string, BoundedList>();
  let before = 0;
  for (const [id, { cursor, people, hasReached }] of messages) {
    if (!hasReached || cursor !== END) {
      open.add(id, hasReached ? [id - before, cursor] : id - before);
      before = id;
    }
    if (!hasReached) continue;
    const waiting = [...people].filter(([, devices]) => devices?.size !== 0);
    for (const [name, some] of Map.groupBy(waiting, ([publicToken]) => listOf(publicToken))) {
      const list = lists.get(name) ?? new BoundedList();
      lists.set(name, list);
      list.add(id, [id, ...some.map(([person, devices]) => [person, ...devices ?? []].join(" "))]);
    }
  }
  const head = `{"newest":${open.newest ?? newest},"open":[${open.items}]}`;
  return new Map([[NAME, head], ...[...lists].map(([name, list]) => [name, list.text] as const)]);
}

/** Items of messages as JSON, as far as there is room. */
class BoundedList {
  readonly items: string[] = [];
  /** Set if there was no room: the items are those of messages up to here. */
  newest: number | undefined;
  #length = 0;

  get text(): string {
    return `{"newest":${this.newest ?? null},"waiting":[${this.items}]}`;
  }

  /** Those of a later message follow those of an earlier one. */
  add(id: number, item: unknown): void {
    if (this.newest !== undefined) return;
    const text = JSON.stringify(item);
    this.#length += text.length + 1;
    if (this.#length > MAX_LENGTH) this.newest = id - 1;
    else this.items.push(text);
  }
}

function parse(saved: ReadonlyMap<string, string>) {
  const text = saved.get(NAME);
  if (text === undefined) return undefined;
  const head: Head | EarlierHead = JSON.parse(text);
  const cursors = cursorsIn(head);
  const lists = LISTS.map((name): List => JSON.parse(saved.get(name) ?? '{"waiting":[]}'));
  const newest = Math.min(head.newest, ...lists.map((list) => list.newest ?? Infinity));
  const waiting = Map.groupBy(lists.flatMap((list) => list.waiting), ([id]) => id);
  const messages = new Map<number, MessageProgress>();
  for (const id of new Set([...cursors.keys(), ...waiting.keys()])) {
    // Of later ones, it is not known who is done.
    const cursor = id > newest ? "" : cursors.get(id) ?? END;
    const people = (waiting.get(id) ?? []).flatMap(([, ...entries]) => entries.map(personIn));
    messages.set(id, new MessageProgress({ cursor, people }));
  }
  return { newest, messages };
}

function cursorsIn(head: Head | EarlierHead): ReadonlyMap<number, string> {
  if ("waiting" in head) return new Map(head.waiting.map((id) => [id, ""]));
  let id = 0;
  return new Map(head.open.map((one) => {
    const [difference, cursor] = typeof one === "number" ? [one, ""] as const : one;
    id += difference;
    return [id, cursor];
  }));
}

function personIn(entry: string): readonly [string, ReadonlySet<string> | undefined] {
  const [publicToken = "", ...devices] = entry.split(" ");
  return [publicToken, devices.length > 0 ? new Set(devices) : undefined];
}

/** The name of the list that has somebody. */
function listOf(publicToken: string): string {
  return `push waiting ${publicToken.charAt(0)}`;
}
