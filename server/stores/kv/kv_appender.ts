import { type Draft, type Entry, indexKeysOf, messageOf } from "../../core/model/message.ts";
import { notRepeated, Refused } from "../../core/model/refused.ts";
import type { Appended } from "../../core/model/store.ts";
import { KvChanges } from "./kv_changes.ts";
import type { KvDatabase } from "./kv_database.ts";
import { MAX_MESSAGE_BYTES, rowOf, tooLarge } from "./kv_entries.ts";
import type { KvFollowers } from "./kv_followers.ts";
import { HEAD, messageKey, topicKey } from "./kv_keys.ts";
import { type KnownKey, type KvSentKeys, nameOf } from "./kv_sent_keys.ts";
import { isEarlierDigestOf } from "../digests.ts";
import { KvSizes, SizeChange } from "./kv_sizes.ts";

/** Maximum size of one commit, slightly less than Deno KV allows: 1,000 mutations (5 for the head and totals) and 800 KiB. */
const COMMIT_LIMIT = { mutations: 990, bytes: 780_000 } as const;

/** Upper bound for the bytes of one mutation, without the message. */
const MUTATION_BYTES = 400;

/**
 * Upper bound for the bytes that the id and the time add to a draft, the sender and the time to an edit, and the reactions,
 * which an edit keeps.
 */
const ID_AND_TIME_BYTES = 60;
const SENDER_BYTES = 3_000;
const REACTION_BYTES = 7_000;

/** What a change takes of a commit: more than its mutations, because a commit can have 100 checks. */
const CHANGE_MUTATIONS = 11;

/** Maximum number of appends that wait for a commit. */
const MAX_PENDING = 5_000;

/** What a commit takes. */
interface Size {
  readonly mutations: number;
  readonly bytes: number;
}

/** A call of `append` that waits for its commit. */
interface PendingAppend {
  readonly drafts: readonly Draft[];
  readonly size: Size;
  readonly settle: PromiseWithResolvers<readonly Appended[]>;
}

/**
 * Assigns ids to messages and writes them. Appends that are requested in one turn of the event loop, or while another
 * commit runs, share the next commit. A commit succeeds only if no other node has moved the log's head since it was read.
 */
export class KvAppender {
  readonly #database: KvDatabase;
  readonly #followers: KvFollowers;
  readonly #keys: KvSentKeys;
  readonly #sizes: KvSizes;
  #pending: PendingAppend[] = [];
  #running: Promise<void> | undefined;
  /** The log's head as this process knows it. Another node may have moved it: then the next commit fails. */
  #head: Deno.KvEntryMaybe<number> | undefined;

  constructor(database: KvDatabase, followers: KvFollowers, keys: KvSentKeys) {
    this.#database = database;
    this.#followers = followers;
    this.#keys = keys;
    this.#sizes = new KvSizes(database);
  }

  /** See `MessageLog.append`. Refuses with `body_too_large` or `too_many_messages` what does not fit into one commit. */
  append(drafts: readonly Draft[]): Promise<readonly Appended[]> {
    const settle = Promise.withResolvers<readonly Appended[]>();
    try {
      if (this.#pending.length >= MAX_PENDING) {
        throw new Refused("store_unavailable", "Too many messages wait for the store", 2_000);
      }
      this.#pending.push({ drafts, size: sizeOfAll(drafts), settle });
      this.#running ??= this.#run();
    } catch (error) {
      settle.reject(error);
    }
    return settle.promise;
  }

  /** Resolves when no append is in progress. */
  async finish(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    // Collects what else is appended in this turn of the event loop.
    await Promise.resolve();
    while (this.#pending.length > 0) {
      const appends = this.#nextGroup();
      try {
        await this.#database.retry(() => this.#commit(appends));
      } catch (error) {
        this.#head = undefined;
        for (const { settle } of appends) settle.reject(error);
      }
    }
    // Synchronously after the check above, so that a later append starts a new run.
    this.#running = undefined;
  }

  /** Takes as many pending appends as fit into one commit. */
  #nextGroup(): readonly PendingAppend[] {
    let [count, mutations, bytes] = [0, 1, MUTATION_BYTES];
    for (const { size } of this.#pending) {
      mutations += size.mutations;
      bytes += size.bytes;
      const isFull = mutations > COMMIT_LIMIT.mutations || bytes > COMMIT_LIMIT.bytes;
      if (count > 0 && isFull) break;
      count++;
    }
    return this.#pending.splice(0, count);
  }

  /** Returns `undefined` if another node's commit came first. */
  async #commit(appends: readonly PendingAppend[]): Promise<true | undefined> {
    // Keys are read after the head: if one of them changes later, the head does too, and the commit fails.
    const { runtime } = this.#database;
    const head = this.#head ??= await this.#database.get<number>(HEAD);
    const drafts = appends.flatMap((append) => append.drafts);
    const uses = await this.#keys.find(drafts);
    const changes = await KvChanges.read(this.#database, drafts);
    const group = new CommitGroup(head.value ?? 0, {
      uses,
      keys: this.#keys,
      changes,
      now: runtime.wallNow(),
    });
    const results = appends.map(({ drafts }) => group.add(drafts));
    const versionstamp = group.added.length === 0
      ? head.versionstamp
      : await this.#database.commit((operation) => group.write(operation.check(head)));
    if (versionstamp === undefined) {
      this.#head = undefined;
      return undefined;
    }
    if (group.added.length > 0) {
      this.#head = { key: HEAD, value: group.newest, versionstamp: versionstamp ?? "" };
      // If this fails, the followers read the messages when the log is polled next.
      await this.#followers.deliver(group.added.map(({ message }) => message)).catch(() => {});
      for (const owner of changes.formerOwners) await this.#sizes.forget(owner).catch(() => {});
    }
    for (const [n, { settle }] of appends.entries()) {
      const result = results[n];
      if (result instanceof Refused) settle.reject(result);
      else settle.resolve(result ?? []);
    }
    return true;
  }
}

/** The messages of one commit. */
class CommitGroup {
  readonly added: { readonly message: Entry; readonly draft: Draft }[] = [];
  readonly #newestBefore: number;
  readonly #now: number;
  readonly #uses: Map<string, KnownKey>;
  readonly #keys: KvSentKeys;
  readonly #changes: KvChanges;

  constructor(
    newest: number,
    { uses, keys, changes, now }: {
      uses: Map<string, KnownKey>;
      keys: KvSentKeys;
      changes: KvChanges;
      now: number;
    },
  ) {
    this.#changes = changes;
    this.#newestBefore = newest;
    this.#now = now;
    this.#uses = uses;
    this.#keys = keys;
  }

  /** The newest id of the log after this commit. */
  get newest(): number {
    return this.#newestBefore + this.added.length;
  }

  /** Adds all drafts, or returns the refusal and adds none. */
  add(drafts: readonly Draft[]): readonly Appended[] | Refused {
    const refused = this.#refusalOf(drafts);
    return refused ?? drafts.map((draft) => this.#add(draft));
  }

  write(operation: Deno.AtomicOperation): void {
    operation.set(HEAD, this.newest);
    const sizes = new SizeChange();
    for (const { message, draft } of this.added) {
      const row = rowOf(message);
      operation.set(messageKey(message.id), utf8.encode(row));
      sizes.add(message, row);
      for (const key of indexKeysOf(message)) {
        operation.set(topicKey(key, message.id), true);
      }
      this.#keys.write(operation, draft, message);
    }
    this.#changes.write(operation, sizes);
    sizes.write(operation, 1n);
  }

  #refusalOf(drafts: readonly Draft[]): Refused | undefined {
    const own = new Map<string, string>();
    for (const draft of drafts) {
      const refused = this.#changes.refusalOf(draft);
      if (refused !== undefined) return refused;
      if (draft.key === undefined) continue;
      const name = nameOf(draft);
      const digest = this.#keys.digests.of(draft);
      const earlier = this.#uses.get(name)?.digest ?? own.get(name);
      if (earlier !== undefined && earlier !== digest && !isEarlierDigestOf(draft, earlier)) {
        return new Refused("key_reused", `The key "${draft.key}" was used for another message`);
      }
      if (earlier === undefined && draft.repeats) return notRepeated();
      own.set(name, digest);
    }
    return undefined;
  }

  #add(draft: Draft): Appended {
    const use = draft.key === undefined ? undefined : this.#uses.get(nameOf(draft));
    if (use !== undefined) {
      return { message: use.message ?? messageOf(draft, use.id, use.at), repeated: true };
    }
    const [id, at] = [this.newest + 1, this.#now];
    const message = draft.changes === undefined
      ? messageOf(draft, id, at)
      : this.#changes.apply(draft, { id, at });
    this.added.push({ message, draft });
    if (draft.key !== undefined) {
      this.#uses.set(nameOf(draft), { id, at, digest: this.#keys.digests.of(draft), message });
    }
    return { message, repeated: false };
  }
}

const utf8 = new TextEncoder();

/** What drafts take of a commit. Refuses if they do not fit into one. */
function sizeOfAll(drafts: readonly Draft[]): Size {
  let [mutations, bytes] = [1, MUTATION_BYTES];
  for (const [n, draft] of drafts.entries()) {
    const size = sizeOf(draft);
    mutations += size.mutations;
    bytes += size.bytes;
    if (mutations <= COMMIT_LIMIT.mutations && bytes <= COMMIT_LIMIT.bytes) continue;
    const detail = `${drafts.length} messages are too many for one request to this server's ` +
      `store: the first ${n} of these fit`;
    throw new Refused("too_many_messages", detail);
  }
  return { mutations, bytes };
}

function sizeOf(draft: Draft): Size {
  const json = JSON.stringify(messageOf(draft, 0, 0));
  const isChange = draft.changes !== undefined;
  const bytes = utf8.encode(json).length + ID_AND_TIME_BYTES + (isChange ? SENDER_BYTES : 0);
  if (bytes > MAX_MESSAGE_BYTES) throw tooLarge();
  if (isChange) {
    const written = draft.reacts === undefined ? bytes + REACTION_BYTES : Infinity;
    return {
      mutations: CHANGE_MUTATIONS,
      bytes: Math.min(written, MAX_MESSAGE_BYTES) + CHANGE_MUTATIONS * MUTATION_BYTES,
    };
  }
  // The message, the size of its owner, what it is stored under, its key and the time of that.
  const mutations = 2 + indexKeysOf(draft).length + (draft.key === undefined ? 0 : 2);
  return { mutations, bytes: bytes + mutations * MUTATION_BYTES };
}
