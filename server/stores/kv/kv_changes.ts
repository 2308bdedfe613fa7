import { changedMessage, changeFrom, refusalOf } from "../../core/model/change.ts";
import {
  type Draft,
  encode,
  type Entry,
  indexKeysOf,
  ownerOf,
  type Topic,
} from "../../core/model/message.ts";
import { Refused } from "../../core/model/refused.ts";
import type { KvDatabase } from "./kv_database.ts";
import { decodeEntry, MAX_MESSAGE_BYTES, tooLarge } from "./kv_entries.ts";
import { messageKey, topicKey } from "./kv_keys.ts";
import type { SizeChange } from "./kv_sizes.ts";

const encoder = new TextEncoder();

/** As long as any time in digits. */
const LAST_TIME = 8.64e15;

/** A message that a commit changes. */
interface Changed {
  readonly entry: Deno.KvEntryMaybe<Uint8Array>;
  readonly before: Entry;
  after: Entry;
}

/** The messages that one commit changes. It succeeds only if none of them was changed or removed since they were read. */
export class KvChanges {
  readonly #messages: ReadonlyMap<number, Changed>;

  /** Reads the messages that these drafts change. */
  static async read(database: KvDatabase, drafts: readonly Draft[]): Promise<KvChanges> {
    const ids = [...new Set(drafts.flatMap(({ changes }) => changes ?? []))];
    const messages = new Map<number, Changed>();
    const entries = ids.length === 0 ? [] : await database.getMany<Uint8Array>(ids.map(messageKey));
    for (const [n, entry] of entries.entries()) {
      if (entry.value === null) continue;
      const before = decodeEntry(entry.value);
      messages.set(ids[n] ?? 0, { entry, before, after: before });
    }
    return new KvChanges(messages);
  }

  private constructor(messages: ReadonlyMap<number, Changed>) {
    this.#messages = messages;
  }

  /** Why a draft cannot change its message, if it cannot. */
  refusalOf(draft: Draft): Refused | undefined {
    const { changes } = draft;
    if (changes === undefined) return undefined;
    const message = this.#messages.get(changes)?.after;
    const refused = refusalOf(draft, message);
    if (refused !== undefined || message === undefined) return refused;
    const { bytes } = encode(changedMessage(message, draft, LAST_TIME));
    return bytes > MAX_MESSAGE_BYTES ? tooLarge() : undefined;
  }

  /** Changes a message; returns the entry of the change, which gets this id and time. */
  apply(draft: Draft, { id, at }: { readonly id: number; readonly at: number }): Entry {
    const changed = this.#messages.get(draft.changes ?? 0);
    if (changed === undefined) throw new Error("The message of a change was not read");
    const message = changedMessage(changed.after, draft, at);
    changed.after = message;
    return changeFrom({ id, at, message });
  }

  write(operation: Deno.AtomicOperation, sizes: SizeChange): void {
    for (const [id, { entry, before, after }] of this.#messages) {
      if (before === after) continue;
      operation.check(entry).set(messageKey(id), encoder.encode(encode(after).json));
      sizes.replace(before, after);
      // A message without a sender takes another share of the log.
      const keys = indexKeysOf(after);
      for (const key of indexKeysOf(before)) {
        if (!keys.includes(key)) operation.delete(topicKey(key, id));
      }
    }
  }

  /** The owners who have fewer messages than before. */
  get formerOwners(): ReadonlySet<Topic> {
    const changed = [...this.#messages.values()]
      .filter(({ before, after }) => ownerOf(before) !== ownerOf(after));
    return new Set(changed.map(({ before }) => ownerOf(before)));
  }
}
