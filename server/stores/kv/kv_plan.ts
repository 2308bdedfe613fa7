import { type Draft, type Message, messageOf } from "../../core/message.ts";
import { Refused } from "../../core/refusal.ts";
import type { Appended } from "../../core/store.ts";
import type { KvDatabase } from "./kv_database.ts";
import {
  digestOf,
  keyKey,
  type KeyRecord,
  messageFrom,
  messageKey,
  type Writing,
} from "./kv_entries.ts";

/** What a key was used for. */
interface Use {
  readonly digest: string;
  readonly message: Message;
}

/** Works out what becomes of drafts that are appended together, from what the log holds. Writes nothing. */
export class Plan {
  /** The messages that are to be written, in the order of their ids. */
  readonly writings: Writing[] = [];
  readonly #uses: Map<string, Use>;
  readonly #newest: number;
  readonly #at: number;

  /** Begins after the message `newest`, at a time. Keys that came before the time `since` are forgotten. */
  static async begin(
    database: KvDatabase,
    drafts: readonly Draft[],
    { newest, at, since }: { newest: number; at: number; since: number },
  ): Promise<Plan> {
    return new Plan(await usesOf(database, drafts, since), newest, at);
  }

  private constructor(uses: Map<string, Use>, newest: number, at: number) {
    this.#uses = uses;
    this.#newest = newest;
    this.#at = at;
  }

  /** The fate of each draft. Refuses with `key_reused`; then none of them is in the plan. */
  add(drafts: readonly Draft[]): readonly Appended[] {
    const length = this.writings.length;
    try {
      return drafts.map((draft) => this.#add(draft));
    } catch (error) {
      for (const { draft } of this.writings.splice(length)) this.#uses.delete(nameOf(draft));
      throw error;
    }
  }

  #add(draft: Draft): Appended {
    const use = draft.key === undefined ? undefined : this.#uses.get(nameOf(draft));
    if (use === undefined) return { message: this.#write(draft), repeated: false };
    if (use.digest !== digestOf(draft)) {
      throw new Refused("key_reused", `The key "${draft.key}" was used for another message`);
    }
    return { message: use.message, repeated: true };
  }

  #write(draft: Draft): Message {
    const message = messageOf(draft, this.#newest + this.writings.length + 1, this.#at);
    this.writings.push({ draft, message });
    if (draft.key !== undefined) {
      this.#uses.set(nameOf(draft), { digest: digestOf(draft), message });
    }
    return message;
  }
}

/** What the keys of some drafts were used for after the time `since`. */
async function usesOf(
  database: KvDatabase,
  drafts: readonly Draft[],
  since: number,
): Promise<Map<string, Use>> {
  const keyed = drafts.filter(({ key }) => key !== undefined);
  const records = await database.getAll<KeyRecord>(keyed.map(keyKey));
  const found = keyed.flatMap((draft, n) => {
    const record = records[n]?.value;
    return record && record.at >= since ? [{ draft, record }] : [];
  });
  const kept = await database.getAll<Uint8Array>(found.map(({ record }) => messageKey(record.id)));
  return new Map(found.map(({ draft, record: { id, digest, at } }, n) => {
    const value = kept[n]?.value;
    // One that was removed had the same content, as the digest tells.
    const message = value ? messageFrom(value) : messageOf(draft, id, at);
    return [nameOf(draft), { digest, message }];
  }));
}

function nameOf({ from, key }: Draft): string {
  return JSON.stringify([from?.publicToken, key]);
}
