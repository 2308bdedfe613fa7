import type { Listeners } from "../../base/listeners.ts";
import type { Runtime } from "../../base/runtime.ts";
import { Wakeup } from "../../base/wakeup.ts";
import { parseChannel } from "../../protocol/channel.ts";
import type { Message } from "../../protocol/message.ts";
import type { Conversations } from "../conversations/conversations.ts";
import { isMessage } from "../model/change.ts";
import type { FileService } from "../model/files.ts";
import type { Draft, Entry } from "../model/message.ts";
import { hasReacted } from "../../protocol/reactions.ts";
import { isNotFound } from "../model/refused.ts";
import { concerns, otherOf } from "../model/rights.ts";
import type { Store } from "../model/store.ts";
import type { Sessions } from "../sessions/sessions.ts";
import { removeDevices } from "../sessions/push_devices.ts";
import { transferName } from "../sessions/transfers.ts";
import type { UserIds } from "../sessions/user_ids.ts";
import type { AuditLog } from "./audit_log.ts";
import type { ErasureRecord, ErasureRecords } from "./erasure_records.ts";

/** What an {@linkcode ErasureJob} works with. */
export interface ErasureJobDeps {
  readonly store: Store;
  readonly records: ErasureRecords;
  /** Emits when an erasure has begun. */
  readonly begun: Listeners<void>;
  readonly sessions: Sessions;
  readonly audit: AuditLog;
  readonly files: Pick<FileService, "remove" | "removeOf">;
  readonly conversations: Pick<Conversations, "closeFor">;
  readonly userIds: Pick<UserIds, "erase">;
  /** Removes a person from the memory of all nodes. */
  readonly forget: (publicToken: string) => void;
  /** Called when an erasure is done. */
  readonly onDone: (erasure: ErasureRecord) => void;
  readonly onError: (error: unknown) => void;
  readonly runtime: Runtime;
}

/**
 * Number of entries that are read, and of messages that are erased, before others get their turn for `pause` ms: so an
 * erasure takes few of the commits of a store.
 */
const PORTION = { entries: 500, messages: 25, pause: 25 } as const;

/** How often the store is asked for erasures of which no event has told, and after an error, in ms. */
const INTERVAL = 5_000;

/**
 * How long after an erasure the log is looked at again, in ms: a node that has missed the event of it lets the person send
 * until it asks the store, for two minutes at most.
 */
const SECOND_LOOK = 180_000;

/** How long a completed erasure is stored, in ms. Until then, tokens of the person from before it are refused. */
const KEPT = 30 * 86_400_000;

/** Maximum number of tasks that are removed at once. */
const TASK_BATCH = 500;

/**
 * Erases people, one after the other, in portions. What was done is stored after each portion: the next job, perhaps of
 * another node, continues there. Runs on one node at a time.
 */
export class ErasureJob implements AsyncDisposable {
  readonly #deps: ErasureJobDeps;
  readonly #stop = new AbortController();
  readonly #wakeup: Wakeup;
  readonly #subscription: Disposable;
  readonly #running: Promise<void>;

  constructor(deps: ErasureJobDeps) {
    this.#deps = deps;
    this.#wakeup = new Wakeup(deps.runtime);
    this.#subscription = deps.begun.add(() => this.#wakeup.wake());
    this.#running = this.#run();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#subscription[Symbol.dispose]();
    this.#stop.abort();
    this.#wakeup.wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { records, runtime, onError } = this.#deps;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        const id = await records.due(runtime.wallNow());
        if (id === undefined) await this.#wakeup.wait(INTERVAL);
        else await this.#continue(id);
      } catch (error) {
        onError(error);
        await runtime.delay(INTERVAL, signal);
      }
    }
  }

  async #continue(id: string): Promise<void> {
    const { records, store, runtime } = this.#deps;
    const record = await records.get(id);
    if (record?.state === "running") return await this.#erase(record);
    if (record?.doneAt === undefined || runtime.wallNow() >= record.doneAt + KEPT) {
      return await records.forget(id);
    }
    // What a person writes who has come back since is not touched.
    const session = await store.sessions.findByPublicToken(id);
    const looked = await this.#scan(record, session?.createdAt);
    if (looked !== undefined) await records.schedule(id, record.doneAt + KEPT);
  }

  async #erase(record: ErasureRecord): Promise<void> {
    const { records, forget, runtime, onDone } = this.#deps;
    const { id } = record;
    await this.#erasePerson(id);
    const scanned = await this.#scan(record);
    if (scanned === undefined) return;
    // Again: requests that were running when the erasure began may have stored something meanwhile.
    await this.#erasePerson(id);
    forget(id);
    const doneAt = runtime.wallNow();
    const done: ErasureRecord = { ...scanned, state: "done", doneAt };
    await records.put(done);
    onDone(done);
    await records.schedule(id, doneAt + SECOND_LOOK);
  }

  /** Erases what is stored of a person but messages. */
  async #erasePerson(id: string): Promise<void> {
    const { store, sessions, userIds } = this.#deps;
    for (const { channel } of await store.sessions.readMarkers(id)) await this.#close(channel, id);
    await store.sessions.remove(id);
    sessions.removed.emit(id);
    await userIds.erase(id);
    await store.keyValue.remove(transferName(id));
    await removeDevices(store.keyValue, id);
    await this.#eraseTasks(id);
    await this.#deps.audit.forget(id);
    await this.#deps.files.removeOf(id);
    // Last: with the receipts, a store cleans the files that had any of this.
    await store.receipts.remove(id);
  }

  /**
   * Erases what was written by or to a person, from the entry on after which the record ends. Returns the new record, or
   * `undefined` if the job was stopped before the end of the log. `before`: only what is older than this Unix time in ms.
   */
  async #scan(start: ErasureRecord, before = Infinity): Promise<ErasureRecord | undefined> {
    const { store: { log }, records, runtime } = this.#deps;
    const { signal } = this.#stop;
    for (let record = start;;) {
      const end = await log.newestId();
      if (record.after >= end) return record;
      const { portion, ...rest } = record;
      const entries = (await log.scan(record.after, PORTION.entries))
        .filter(({ id }) => portion === undefined || id <= portion.upTo);
      const upTo = portion?.upTo ?? entries.at(-1)?.id ?? end;
      const found = this.#messagesOf(record.id, entries).filter(({ at }) => at < before);
      // So that a job which continues this portion counts what has been erased of it.
      if (portion === undefined && found.length > 0) {
        await records.put({ ...rest, portion: { upTo, messages: found.length } });
      }
      const erased = await this.#eraseMessages(found);
      await this.#append(reactionsIn(entries, { by: record.id, before }));
      for (const channel of new Set(found.map(({ channel }) => channel))) {
        await this.#close(channel, record.id);
      }
      record = {
        ...rest,
        after: upTo,
        scanned: record.scanned + entries.length,
        erased: record.erased + (portion?.messages ?? erased),
      };
      await records.put(record);
      if (signal.aborted) return undefined;
      await runtime.delay(PORTION.pause, signal);
    }
  }

  /** The messages among these entries, or that they have changed, which concern a person and are not erased. */
  #messagesOf(id: string, entries: readonly Entry[]): readonly Message[] {
    const { guestRights } = this.#deps.sessions;
    const found = new Map<number, Message>();
    for (const entry of entries) {
      const message = entry.message ?? entry;
      const isErased = !isMessage(message) && message.from === undefined;
      if (!isErased && concerns(message, { publicToken: id, rights: guestRights })) {
        found.set(message.id, message);
      }
    }
    return [...found.values()];
  }

  /** Returns how many of these messages were not erased before. */
  async #eraseMessages(messages: readonly Message[]): Promise<number> {
    const erased = await this.#append(
      messages.map(({ id, channel }) => ({ channel, changes: id, erases: true })),
    );
    await this.#deps.files.remove(
      messages.flatMap(({ files = [] }) => files.map(({ id }) => id)),
    );
    return erased;
  }

  /** Appends changes of messages; returns how many of these were still there. */
  async #append(drafts: readonly Draft[]): Promise<number> {
    const { store: { log }, runtime } = this.#deps;
    let appended = 0;
    for (let n = 0; n < drafts.length; n += PORTION.messages) {
      const portion = drafts.slice(n, n + PORTION.messages);
      const results = await Promise.allSettled(portion.map((draft) => log.append([draft])));
      for (const result of results) {
        if (result.status === "fulfilled") appended++;
        else if (!isNotFound(result.reason)) throw result.reason;
      }
      await runtime.delay(PORTION.pause, this.#stop.signal);
    }
    return appended;
  }

  /** Removes a direct channel of a person from the list of the other one, who need not be there any more. */
  async #close(address: string, id: string): Promise<void> {
    const channel = parseChannel(address);
    if (channel?.kind !== "direct") return;
    const other = otherOf(channel.pair, id);
    await this.#deps.conversations.closeFor(other, address);
    await this.#deps.store.receipts.remove(other, address);
  }

  /** Removes what is queued of a person, such as webhooks of messages that nobody has received yet. */
  async #eraseTasks(id: string): Promise<void> {
    const { queue } = this.#deps.store;
    const size = await queue.size();
    if (size === 0) return;
    const tasks = await queue.listDue(Number.MAX_SAFE_INTEGER, size);
    const ids = tasks.filter(({ body }) => body.includes(id)).map((task) => task.id);
    for (let n = 0; n < ids.length; n += TASK_BATCH) {
      await queue.remove(ids.slice(n, n + TASK_BATCH));
    }
  }
}

/**
 * Takes back what a person has reacted, in messages and changes of before a Unix time in ms. What was erased with its message
 * is refused, and so not counted.
 */
function reactionsIn(
  entries: readonly Entry[],
  { by, before }: { readonly by: string; readonly before: number },
): readonly Draft[] {
  const drafts = new Map<number, Draft>();
  for (const entry of entries) {
    const { id, channel, reactions } = entry.message ?? entry;
    if (entry.at >= before || !hasReacted(reactions, by)) continue;
    drafts.set(id, { channel, changes: id, reacts: { by, on: false } });
  }
  return [...drafts.values()];
}
