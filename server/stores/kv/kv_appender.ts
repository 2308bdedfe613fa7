import { topicsOf } from "../../core/model/topics.ts";
import { type Draft, encode, keyScopeOf, messageOf } from "../../core/model/message.ts";
import { type Message } from "../../protocol/message.ts";
import { Refused } from "../../core/model/refused.ts";
import { steadyNow } from "../../base/clock.ts";
import type { Appended } from "../../core/model/store.ts";
import { digestOfDraft } from "../draft_digest.ts";
import type { KvDatabase } from "./kv_database.ts";
import { type KvFollowers, messageFrom } from "./kv_followers.ts";
import { HEAD, idempotencyKey, messageKey, topicKey } from "./kv_keys.ts";

/** What one commit may hold, somewhat less than Deno KV allows: 1,000 mutations and 800 KiB. */
const COMMIT = { mutations: 990, bytes: 780_000 } as const;

/** What one message may hold as JSON, somewhat less than a value: 64 KiB. */
const MESSAGE = 65_000;

/** A mutation takes so many bytes at most, beside the message. */
const KEY = 400;

/** Its id and time make a message longer than its draft by so many bytes at most. */
const PLACE = 60;

/** So many appends may wait for their turn. */
const WAITING = 5_000;

/** What an idempotency key was used for. */
interface Use {
  readonly id: number;
  readonly digest: string;
  readonly at: number;
  /** When it counts no longer: Unix time in ms. */
  readonly ends: number;
}

/** What a commit has room for. */
interface Size {
  readonly mutations: number;
  readonly bytes: number;
}

interface Job {
  readonly drafts: readonly Draft[];
  readonly size: Size;
  readonly settle: PromiseWithResolvers<readonly Appended[]>;
}

/** Gives messages their ids: what is asked for while a commit runs, or in one turn, shares the next commit. */
export class KvAppender {
  readonly #database: KvDatabase;
  readonly #followers: KvFollowers;
  readonly #keyAge: number;
  #jobs: Job[] = [];
  #running: Promise<void> | undefined;
  /** The head of the log, if no other node has moved it since. */
  #head: Deno.KvEntryMaybe<number> | undefined;

  constructor(database: KvDatabase, followers: KvFollowers, keyAge: number) {
    this.#database = database;
    this.#followers = followers;
    this.#keyAge = keyAge;
  }

  /** As `MessageLog.append`. Refuses with `body_too_large` and `too_many_messages` what does not fit into one commit. */
  append(drafts: readonly Draft[]): Promise<readonly Appended[]> {
    const settle = Promise.withResolvers<readonly Appended[]>();
    try {
      if (this.#jobs.length >= WAITING) {
        throw new Refused("store_unavailable", "Too many messages wait for the store", 2_000);
      }
      this.#jobs.push({ drafts, size: sizeOfAll(drafts), settle });
      this.#running ??= this.#run();
    } catch (error) {
      settle.reject(error);
    }
    return settle.promise;
  }

  /** Resolves when nothing waits. */
  async finish(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    // The rest of this turn may have more to append.
    await Promise.resolve();
    while (this.#jobs.length > 0) {
      const jobs = this.#nextGroup();
      try {
        await this.#database.retry(() => this.#appendGroup(jobs));
      } catch (error) {
        this.#head = undefined;
        for (const { settle } of jobs) settle.reject(error);
      }
    }
    // In the same turn in which nothing was left: what comes later begins anew.
    this.#running = undefined;
  }

  /** As many jobs as fit into one commit. */
  #nextGroup(): readonly Job[] {
    let [count, mutations, bytes] = [0, 1, KEY];
    for (const { size } of this.#jobs) {
      mutations += size.mutations;
      bytes += size.bytes;
      if (count > 0 && (mutations > COMMIT.mutations || bytes > COMMIT.bytes)) break;
      count++;
    }
    return this.#jobs.splice(0, count);
  }

  /** Gives nothing when another node was faster. */
  async #appendGroup(jobs: readonly Job[]): Promise<true | undefined> {
    // Keys are read after the head: they are as they were with this head, or the commit fails.
    const head = this.#head ??= await this.#database.get<number>(HEAD);
    const group = new Group(head.value ?? 0, await this.#uses(jobs), this.#keyAge);
    const fates = jobs.map(({ drafts }) => group.take(drafts));
    const versionstamp = group.added.length === 0
      ? head.versionstamp
      : await this.#database.commit((operation) => group.write(operation.check(head)));
    if (versionstamp === undefined) {
      this.#head = undefined;
      return undefined;
    }
    if (group.added.length > 0) {
      this.#head = { key: HEAD, value: group.newest, versionstamp: versionstamp ?? "" };
      // At worst they hear of it at the next look at the log.
      await this.#followers.deliver(group.added.map(({ message }) => message)).catch(() => {});
    }
    for (const [n, { settle }] of jobs.entries()) {
      const fate = fates[n];
      if (fate instanceof Refused) settle.reject(fate);
      else settle.resolve(fate ?? []);
    }
    return true;
  }

  /** What the keys of these drafts were used for, and the messages, as far as they are kept. */
  async #uses(jobs: readonly Job[]): Promise<Map<string, Earlier>> {
    const keyed = jobs.flatMap(({ drafts }) => drafts).filter(({ key }) => key !== undefined);
    const keys = new Map(keyed.map((draft) => [nameOf(draft), draft]));
    const now = steadyNow();
    const uses = new Map<string, Earlier>();
    const entries = await this.#database.getMany<Use>(
      [...keys.values()].map((draft) => idempotencyKey(keyScopeOf(draft), draft.key ?? "")),
    );
    const found = [...keys.keys()].flatMap((name, n) => {
      const use = entries[n]?.value;
      // Deno KV may keep what has run out for a while.
      return use && use.ends > now ? [{ name, use }] : [];
    });
    const messages = await this.#database.getMany<Uint8Array>(
      found.map(({ use }) => messageKey(use.id)),
    );
    for (const [n, { name, use }] of found.entries()) {
      const bytes = messages[n]?.value;
      uses.set(name, { ...use, ...(bytes && { message: messageFrom(bytes) }) });
    }
    return uses;
  }
}

/** What a key was used for. */
interface Earlier {
  readonly id: number;
  readonly digest: string;
  readonly at: number;
  /** Absent where it is kept no longer. */
  readonly message?: Message;
}

/** The messages of one commit. */
class Group {
  readonly added: { readonly message: Message; readonly draft: Draft }[] = [];
  readonly #before: number;
  readonly #uses: Map<string, Earlier>;
  readonly #keyAge: number;

  constructor(newest: number, uses: Map<string, Earlier>, keyAge: number) {
    this.#before = newest;
    this.#uses = uses;
    this.#keyAge = keyAge;
  }

  /** The id of the newest message with this group. */
  get newest(): number {
    return this.#before + this.added.length;
  }

  /** Takes drafts in, all or none. */
  take(drafts: readonly Draft[]): readonly Appended[] | Refused {
    const refused = this.#refusalOf(drafts);
    return refused ?? drafts.map((draft) => this.#take(draft));
  }

  write(operation: Deno.AtomicOperation): void {
    operation.set(HEAD, this.newest);
    for (const { message, draft } of this.added) {
      operation.set(messageKey(message.id), utf8.encode(encode(message).json));
      for (const topic of topicsOf(message.channel)) {
        operation.set(topicKey(topic, message.id), true);
      }
      if (draft.key === undefined) continue;
      const ends = steadyNow() + this.#keyAge;
      const use: Use = { id: message.id, digest: digestOfDraft(draft), at: message.at, ends };
      operation.set(idempotencyKey(keyScopeOf(draft), draft.key), use, { expireIn: this.#keyAge });
    }
  }

  #refusalOf(drafts: readonly Draft[]): Refused | undefined {
    const own = new Map<string, string>();
    for (const draft of drafts) {
      if (draft.key === undefined) continue;
      const name = nameOf(draft);
      const digest = digestOfDraft(draft);
      const earlier = this.#uses.get(name)?.digest ?? own.get(name);
      if (earlier !== undefined && earlier !== digest) {
        return new Refused("key_reused", `The key "${draft.key}" was used for another message`);
      }
      own.set(name, digest);
    }
    return undefined;
  }

  #take(draft: Draft): Appended {
    const earlier = draft.key === undefined ? undefined : this.#uses.get(nameOf(draft));
    if (earlier !== undefined) {
      const message = earlier.message ?? messageOf(draft, earlier.id, earlier.at);
      return { message, repeated: true };
    }
    const message = messageOf(draft, this.newest + 1, Date.now());
    this.added.push({ message, draft });
    if (draft.key !== undefined) {
      const { id, at } = message;
      this.#uses.set(nameOf(draft), { id, at, digest: digestOfDraft(draft), message });
    }
    return { message, repeated: false };
  }
}

const utf8 = new TextEncoder();

function nameOf(draft: Draft): string {
  return `${draft.key} ${keyScopeOf(draft)}`;
}

/** What the drafts need of one commit. Refuses what one commit has no room for. */
function sizeOfAll(drafts: readonly Draft[]): Size {
  let [mutations, bytes] = [1, KEY];
  for (const [n, draft] of drafts.entries()) {
    const size = sizeOf(draft);
    mutations += size.mutations;
    bytes += size.bytes;
    if (mutations <= COMMIT.mutations && bytes <= COMMIT.bytes) continue;
    const detail = `${drafts.length} messages are too many for one request to this server's ` +
      `store: the first ${n} of these fit`;
    throw new Refused("too_many_messages", detail);
  }
  return { mutations, bytes };
}

function sizeOf(draft: Draft): Size {
  const bytes = utf8.encode(JSON.stringify(messageOf(draft, 0, 0))).length + PLACE;
  if (bytes > MESSAGE) {
    const detail = `A message may have ${MESSAGE} bytes as JSON in this server's store`;
    throw new Refused("body_too_large", detail);
  }
  const mutations = 1 + topicsOf(draft.channel).length + (draft.key === undefined ? 0 : 1);
  return { mutations, bytes: bytes + mutations * KEY };
}
