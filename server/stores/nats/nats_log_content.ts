import type { MonotonicTime } from "../../base/clock.ts";
import { decode, type Entry, indexKeysOf, type Topic } from "../../core/model/message.ts";
import { Refused } from "../../core/model/refused.ts";
import type { NatsChanges } from "./nats_changes.ts";
import { DELIVERY } from "./nats_delivery_waiters.ts";
import type { JetStream } from "./nats_jetstream.ts";
import type { LogIndex } from "./nats_log_index.ts";

/** What {@linkcode LogContent} is constructed from. */
export interface LogContentDeps {
  readonly jetstream: JetStream;
  readonly stream: string;
  readonly index: LogIndex;
  readonly changes: NatsChanges;
  /** Resolves when this node has received everything that the stream's leader has. Refuses while it does not. */
  readonly catchUp: () => Promise<void>;
}

/** Reads the entries of a log from its stream. */
export class LogContent {
  readonly #deps: LogContentDeps;

  constructor(deps: LogContentDeps) {
    this.#deps = deps;
  }

  /**
   * Gets entries, without those that were removed. A new leader that has not caught up yet does not have the newest ones: if any
   * is missing, it is requested again after it has. And a change that this node does not know yet may have erased one: then it
   * is where that change is. So no reader skips it.
   */
  async getAll(ids: readonly number[]): Promise<readonly Entry[]> {
    const { index, jetstream: { client: { runtime } } } = this.#deps;
    const start = runtime.monotonicNow();
    for (let hadCaughtUp = false;;) {
      const places = ids.map((id) => this.#placeOf(id));
      const entries = await Promise.all(ids.map((id) => this.get(id)));
      if (!entries.includes(undefined)) return entries.filter((entry) => entry !== undefined);
      const hasCaughtUp = await this.#hasCaughtUp(start);
      const isChanged = ids.some((id, n) => !entries[n] && this.#placeOf(id) !== places[n]);
      if (hadCaughtUp && hasCaughtUp && !isChanged) {
        // Another node has removed them: their topics are trimmed up to there.
        for (const [n, id] of ids.entries()) if (!entries[n]) index.remove(id);
        return entries.filter((entry) => entry !== undefined);
      }
      hadCaughtUp = hasCaughtUp;
    }
  }

  /** Where in the stream the content of an entry is, as far as this node knows. */
  #placeOf(id: number): number {
    const { changes } = this.#deps;
    return changes.lastOf(changes.changedBy(id) ?? id)?.seq ?? id;
  }

  /** Gets a message as it is now, or a change. A deleted message is returned without its content. */
  async get(id: number): Promise<Entry | undefined> {
    const { changes } = this.#deps;
    const of = changes.changedBy(id);
    if (of !== undefined && !changes.hasEffect(id)) return await this.#ineffective(id, of);
    const last = changes.lastOf(id);
    if (last === undefined) return await this.#read(id);
    return await this.#messageIn(last.seq);
  }

  /** A change of a message that was deleted before: readers see that again. */
  async #ineffective(id: number, of: number): Promise<Entry | undefined> {
    const last = this.#deps.changes.lastOf(of);
    const message = last && await this.#messageIn(last.seq);
    return message &&
      { id, message, channel: message.channel, at: message.deletedAt ?? message.at };
  }

  async #messageIn(seq: number): Promise<Entry | undefined> {
    const change = await this.#read(seq);
    return change?.message;
  }

  /** Whether the stream's leader and this node have caught up. Refuses if it takes too long. */
  async #hasCaughtUp(start: MonotonicTime): Promise<boolean> {
    const { runtime } = this.#deps.jetstream.client;
    try {
      await this.#deps.catchUp();
      return true;
    } catch (error) {
      if (!(error instanceof Refused) || runtime.msSince(start) > DELIVERY.timeout) throw error;
    }
    await runtime.delay(DELIVERY.checkInterval);
    return false;
  }

  /** Reads from any replica, or from the leader if the replica does not have it or does not reply. */
  async #read(id: number): Promise<Entry | undefined> {
    const { jetstream, stream } = this.#deps;
    const text = await jetstream.getText(stream, id).catch((error) => {
      if (error instanceof Refused) return undefined;
      throw error;
    }) ?? (await jetstream.get(stream, { seq: id }))?.text;
    return text === undefined ? undefined : parseEntry(id, text);
  }
}

/**
 * The entries of these topics. The stream can have others under the ids in the index: if it has lost messages and has assigned
 * their ids again, which no node has noticed yet, or if another client has written them.
 */
export function within(topics: readonly Topic[], entries: readonly Entry[]): readonly Entry[] {
  const areAll = entries.every((entry) => isOf(topics, entry));
  return areAll ? entries : entries.filter((entry) => isOf(topics, entry));
}

function isOf(topics: readonly Topic[], entry: Entry): boolean {
  return indexKeysOf(entry).some((topic) => topics.includes(topic));
}

/** Parses a stored entry and puts its id first. Returns `undefined` if another client wrote something else. */
export function parseEntry(id: number, text: string): Entry | undefined {
  try {
    const entry = decode(`{"id":${id},${text.slice(1)}`);
    return typeof entry.channel === "string" ? entry : undefined;
  } catch {
    return undefined;
  }
}
