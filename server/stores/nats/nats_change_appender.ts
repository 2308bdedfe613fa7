import { changedMessage, changeFrom, refusalOf } from "../../core/model/change.ts";
import { type Draft, type Entry, ownerOf } from "../../core/model/message.ts";
import { ignoreUnavailable, Refused } from "../../core/model/refused.ts";
import type { Appended } from "../../core/model/store.ts";
import type { NatsAppender } from "./nats_appender.ts";
import type { ChangeHeader, NatsChanges } from "./nats_changes.ts";
import { headerIn, type JetStream } from "./nats_jetstream.ts";

/** What a {@linkcode ChangeAppender} is constructed from. */
export interface ChangeAppenderDeps {
  readonly jetstream: JetStream;
  readonly stream: string;
  readonly changes: NatsChanges;
  readonly appender: NatsAppender;
  /** Gets a message as this node knows it. */
  readonly get: (id: number) => Promise<Entry | undefined>;
  /** The followers have received all messages up to this id. */
  readonly deliveredUpTo: () => number;
}

/** Maximum time in ms of a change with all its attempts, and when the client should try again after that. */
const TIME = { change: 5_000, retry: 1_000 } as const;

/**
 * Appends the changes of messages, each of which has the whole message, and then erases from the stream what had it before.
 * A change is computed from the message as this node knows it. If another node has changed the message meanwhile, it has no
 * effect on any node, and is tried again. Changes of one message by this node wait for each other.
 */
export class ChangeAppender {
  readonly #deps: ChangeAppenderDeps;
  /** The last change of each message that is being changed. */
  readonly #running = new Map<number, Promise<void>>();

  constructor(deps: ChangeAppenderDeps) {
    this.#deps = deps;
  }

  /** Rejects as `MessageLog.append` does. */
  async change(draft: Draft, id: number): Promise<readonly Appended[]> {
    const before = this.#running.get(id);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#running.set(id, promise);
    try {
      await before;
      return [await this.#change(draft, id)];
    } finally {
      resolve();
      if (this.#running.get(id) === promise) this.#running.delete(id);
    }
  }

  /** Erases from the stream what changes have replaced. */
  async erase(): Promise<void> {
    const { jetstream, stream, changes, deliveredUpTo } = this.#deps;
    for (const seq of changes.takeErasable(deliveredUpTo())) {
      try {
        await jetstream.remove(stream, seq, { erase: true });
      } catch (error) {
        changes.eraseLater(seq);
        throw error;
      }
    }
  }

  async #change(draft: Draft, id: number): Promise<Appended> {
    const { jetstream: { client: { runtime } } } = this.#deps;
    const deadline = runtime.fromNow(TIME.change);
    do {
      const appended = await this.#attempt(draft, id);
      if (appended !== undefined) return appended;
    } while (!runtime.hasPassed(deadline));
    const detail = "Others change this message at the same time: repeat the request";
    throw new Refused("store_unavailable", detail, TIME.retry);
  }

  /** Returns `undefined` if another change came first. */
  async #attempt(draft: Draft, id: number): Promise<Appended | undefined> {
    const { jetstream, stream, changes, appender, get } = this.#deps;
    const { runtime } = jetstream.client;
    // Before the message is read: a change that arrives meanwhile makes this one fail.
    const base = changes.baseOf(id);
    const erased = changes.erasedWith(id);
    const old = await get(id);
    const refused = refusalOf(draft, old);
    if (refused !== undefined || old === undefined) throw refused;
    const at = runtime.wallNow();
    const message = changedMessage(old, draft, at);
    const owner = ownerOf(old);
    const last = changes.lastOf(id)?.header;
    const stored = last ? undefined : await jetstream.get(stream, { seq: id });
    const header: ChangeHeader = {
      ...{ of: id, at: old.at, erased },
      ...(owner !== old.channel && !draft.erases && { owner }),
      key: last?.key ?? headerIn(stored?.headers ?? "", "Nats-Msg-Id"),
      ...(message.deletedAt === undefined ? { base } : { deleted: true }),
      ...(draft.erases && { anonymous: true }),
    };
    const appended = await appender.change(draft, changeFrom({ id: 0, at, message }), header);
    const isDeletedBefore = message.deletedAt === undefined && changes.lastOf(id)?.header.deleted;
    const isStale = message.deletedAt === undefined &&
      !changes.hadEffect({ seq: appended.message.id, header });
    await this.erase().catch(ignoreUnavailable);
    // Another node may have deleted the message at the same time, before this change.
    if (isDeletedBefore) throw refusalOf(draft, undefined);
    return isStale ? undefined : appended;
  }
}
