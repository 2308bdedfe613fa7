import { type Draft, keyScopeOf } from "../../core/model/message.ts";
import type { Message } from "../../protocol/message.ts";
import type { DraftDigests } from "../digests.ts";
import type { KvDatabase } from "./kv_database.ts";
import { decodeEntry } from "./kv_entries.ts";
import {
  idempotencyKey,
  messageKey,
  SENT_KEYS,
  SENT_KEYS_BY_TIME,
  SENT_KEYS_INDEXED,
  sentKeyTimeKey,
} from "./kv_keys.ts";

/** Maximum number of keys that are forgotten at once, with two of the 1,000 mutations of a commit each. */
const FORGET_BATCH = 400;

/** Maximum number of keys of an earlier version that are indexed at once: a commit can have 100 checks. */
const INDEX_BATCH = 90;

/** What an idempotency key was used for. The field names are part of the stored format. */
interface KeyUse {
  readonly id: number;
  readonly digest: string;
  readonly at: number;
  /** Unix time in ms. Only earlier versions on other nodes read it: they do not know that keys are removed by sweeps. */
  readonly ends: number;
}

/** An idempotency key that was used before, and its message. */
export interface KnownKey {
  readonly id: number;
  readonly digest: string;
  readonly at: number;
  /** Absent if it has been removed from the log. */
  readonly message?: Message;
}

/**
 * The idempotency keys of a log in a Deno KV database. Sweeps remove them, by the time that `Retention` believes: Deno KV's
 * own expiry would forget all of them when a clock jumps ahead, and repeated sends would be stored twice.
 */
export class KvSentKeys {
  readonly digests: DraftDigests;
  readonly #database: KvDatabase;
  readonly #keyAgeMs: number;
  #isIndexed = false;
  /** The position in the keys of an earlier version. */
  #indexedUpTo: Deno.KvKey | undefined;

  constructor(
    database: KvDatabase,
    { digests, keyAgeMs }: { readonly digests: DraftDigests; readonly keyAgeMs: number },
  ) {
    this.digests = digests;
    this.#database = database;
    this.#keyAgeMs = keyAgeMs;
  }

  /** What the drafts' keys were used for, by {@linkcode nameOf}, with the messages that are still stored. */
  async find(drafts: readonly Draft[]): Promise<Map<string, KnownKey>> {
    const keyed = drafts.filter(({ key }) => key !== undefined);
    const byName = new Map(keyed.map((draft) => [nameOf(draft), draft]));
    const entries = await this.#database.getMany<KeyUse>(
      [...byName.values()].map((draft) => idempotencyKey(keyScopeOf(draft), draft.key ?? "")),
    );
    const found = [...byName.keys()].flatMap((name, n) => {
      const use = entries[n]?.value;
      return use ? [{ name, use }] : [];
    });
    const messages = await this.#database.getMany<Uint8Array>(
      found.map(({ use }) => messageKey(use.id)),
    );
    return new Map(found.map(({ name, use }, n) => {
      const bytes = messages[n]?.value;
      return [name, { ...use, ...(bytes && { message: decodeEntry(bytes) }) }];
    }));
  }

  /** Writes the key of a draft, if it has one, with the message that the draft has become. */
  write(operation: Deno.AtomicOperation, draft: Draft, { id, at }: Message): void {
    if (draft.key === undefined) return;
    const scope = keyScopeOf(draft);
    const use: KeyUse = { id, digest: this.digests.of(draft), at, ends: at + this.#keyAgeMs };
    operation.set(idempotencyKey(scope, draft.key), use);
    operation.set(sentKeyTimeKey(at, scope, draft.key), true);
  }

  /** Forgets a batch of keys that have expired at the Unix time `now`; returns whether there may be more. */
  async forget(now: number): Promise<boolean> {
    if (await this.#indexMore()) return true;
    const selector = {
      prefix: SENT_KEYS_BY_TIME,
      end: [...SENT_KEYS_BY_TIME, now - this.#keyAgeMs],
    };
    const expired = await this.#database.list<true>(selector, { limit: FORGET_BATCH });
    const [oldest] = expired;
    if (oldest === undefined) return false;
    await this.#database.commit((operation) => {
      // Another node that sweeps at the same time starts with the same key. What it has forgotten may be in use again.
      operation.check(oldest);
      for (const { key } of expired) {
        operation.delete(key).delete(idempotencyKey(String(key.at(-2)), String(key.at(-1))));
      }
    });
    return expired.length === FORGET_BATCH;
  }

  /**
   * Indexes a batch of the keys of an earlier version, which left their removal to Deno KV; returns whether there may be
   * more.
   */
  async #indexMore(): Promise<boolean> {
    if (this.#isIndexed) return false;
    this.#isIndexed = (await this.#database.get<true>(SENT_KEYS_INDEXED)).value !== null;
    if (this.#isIndexed) return false;
    const start = this.#indexedUpTo;
    const entries = await this.#database.list<KeyUse>(
      { prefix: SENT_KEYS, ...(start && { start }) },
      { limit: INDEX_BATCH },
    );
    const committed = await this.#database.commit((operation) => {
      for (const entry of entries) {
        const [scope, key] = [String(entry.key.at(-2)), String(entry.key.at(-1))];
        // Without `expireIn`, what is written does not expire.
        operation.check(entry).set(entry.key, entry.value);
        operation.set(sentKeyTimeKey(entry.value.at, scope, key), true);
      }
      if (entries.length < INDEX_BATCH) operation.set(SENT_KEYS_INDEXED, true);
    });
    if (committed === undefined) return true;
    this.#indexedUpTo = entries.at(-1)?.key;
    this.#isIndexed = entries.length < INDEX_BATCH;
    return !this.#isIndexed;
  }
}

/** Distinguishes keys of all senders. */
export function nameOf(draft: Draft): string {
  return `${draft.key} ${keyScopeOf(draft)}`;
}
