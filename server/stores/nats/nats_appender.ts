import { later, type MonotonicTime } from "../../base/clock.ts";
import type { Runtime } from "../../base/runtime.ts";
import { type Draft, type Entry, messageOf, ownerOf } from "../../core/model/message.ts";
import { notRepeated, Refused } from "../../core/model/refused.ts";
import type { Appended } from "../../core/model/store.ts";
import type { ChangeHeader } from "./nats_changes.ts";
import { unavailable } from "./nats_client.ts";
import {
  CHANGE_HEADER,
  ERROR_CODE,
  JetStreamError,
  OWNER_HEADER,
  type PublishAck,
} from "./nats_jetstream.ts";
import { type Publication, publicationOf, withoutRepeated } from "./nats_publication.ts";
import { StoredKeys, type StoredKeysDeps } from "./nats_stored_keys.ts";

/** What a {@linkcode NatsAppender} is constructed from. */
export interface NatsAppenderDeps extends StoredKeysDeps {
  /** Whether the stream stores batches of messages, all or none. */
  readonly hasBatches: boolean;
  /** The id of the newest message that this node has received. */
  readonly newestId: () => number;
  /** Called if the stream has given a new message the id of one that this node has received. Refuses. */
  readonly onLost: (id: number) => Promise<never>;
  /** Resolves when this node has received every message up to this id. */
  readonly waitUntilDelivered: (id: number) => Promise<void>;
}

/** Timeouts in ms of an append with all its attempts, of one attempt, and of a check; and the delay between attempts. */
const TIME = { append: 5_000, attempt: 2_000, check: 500, retryDelay: 100 } as const;

/** Maximum number of messages in flight. */
const MAX_IN_FLIGHT = 20_000;

/** Why a batch was not stored, if a further attempt can succeed. */
const PASSING: readonly number[] = [
  ERROR_CODE.batchHasDuplicate,
  ERROR_CODE.batchIncomplete,
  ERROR_CODE.duplicateInProgress,
  ERROR_CODE.tooManyBatches,
];

/** Why a batch was not stored, although its messages can be: administrators have limited or disabled batches. */
const NO_BATCH: readonly number[] = [ERROR_CODE.batchDisabled, ERROR_CODE.batchTooLarge];

/**
 * Appends messages to the stream of a log. Publishes each message repeatedly, under the same id, until the stream confirms
 * it; the stream's duplicate window makes that safe. Several messages are a batch, which is stored as a whole or not at
 * all; in a stream without batches, a part of them is stored if NATS fails in between. If the stream does not respond at
 * all, appends are refused at once until it does.
 */
export class NatsAppender implements Disposable {
  readonly #deps: NatsAppenderDeps;
  readonly #runtime: Runtime;
  readonly #keys: StoredKeys;
  readonly #end = new AbortController();
  #hasBatches: boolean;
  #inFlight = 0;
  #suspendedReason: string | undefined;

  constructor(deps: NatsAppenderDeps) {
    this.#deps = deps;
    this.#runtime = deps.jetstream.client.runtime;
    this.#keys = new StoredKeys(deps);
    this.#hasBatches = deps.hasBatches;
  }

  /** Why appends are refused at the moment; `undefined` if they are not. */
  get unavailableReason(): string | undefined {
    return this.#deps.jetstream.client.unavailableReason ?? this.#suspendedReason;
  }

  /** See `MessageLog.append`. */
  append(drafts: readonly Draft[]): Promise<readonly Appended[]> {
    const publications = drafts.map((draft) => {
      const entry = messageOf(draft, 0, this.#runtime.wallNow());
      const owner = ownerOf(draft);
      const headers = owner === draft.channel ? {} : { [OWNER_HEADER]: owner };
      return publicationOf({ draft, entry, headers }, this.#place);
    });
    return drafts.some(({ repeats }) => repeats)
      ? this.#findRepeated(publications)
      : this.#append(publications);
  }

  /** Appends the change of a message. */
  async change(draft: Draft, change: Entry, header: ChangeHeader): Promise<Appended> {
    const headers = { [CHANGE_HEADER]: JSON.stringify(header) };
    const publication = publicationOf({ draft, entry: change, headers }, this.#place);
    const [appended] = await this.#append([publication]);
    if (appended === undefined) throw new Error("Nothing was appended");
    return appended;
  }

  [Symbol.dispose](): void {
    this.#end.abort();
  }

  async #findRepeated(publications: readonly Publication[]): Promise<readonly Appended[]> {
    const known = (await this.#keys.find(publications)).filter((one) => one !== undefined);
    if (known.length < publications.length) throw notRepeated();
    return known;
  }

  get #place() {
    return { stream: this.#deps.stream, runtime: this.#runtime };
  }

  async #append(publications: readonly Publication[]): Promise<readonly Appended[]> {
    const { unavailableReason } = this;
    if (unavailableReason !== undefined) throw unavailable(unavailableReason);
    if (this.#inFlight + publications.length > MAX_IN_FLIGHT) {
      throw unavailable("Too many messages are on their way to NATS");
    }
    this.#inFlight += publications.length;
    try {
      return await this.#publishAll(publications);
    } finally {
      this.#inFlight -= publications.length;
    }
  }

  async #publishAll(publications: readonly Publication[]): Promise<readonly Appended[]> {
    const unique = withoutRepeated(publications);
    const deadline = this.#runtime.fromNow(TIME.append);
    const appended = unique.length > 1 && this.#hasBatches
      ? await this.#publishTogether(unique, deadline)
      : await this.#publishEach(unique, deadline);
    const lastId = Math.max(0, ...appended.map(({ message }) => message.id));
    await this.#deps.waitUntilDelivered(lastId);
    if (unique.length === publications.length) return appended;
    const results = new Map(unique.map(({ messageId }, n) => [messageId, appended[n]]));
    return publications.flatMap((publication) => {
      const result = results.get(publication.messageId);
      if (result === undefined) return [];
      return unique.includes(publication) ? [result] : [{ ...result, repeated: true }];
    });
  }

  async #publishEach(
    publications: readonly Publication[],
    deadline: MonotonicTime,
  ): Promise<readonly Appended[]> {
    // Refuses keys that were used for other content before anything is stored.
    const keyed = publications.filter(({ draft }) => draft.key !== undefined);
    if (publications.length > 1 && keyed.length > 0) await this.#keys.find(keyed);
    // Published in this order. One that is lost is published again: the next ones of its channel must wait until it is stored.
    const appended: Appended[] = [];
    for (const group of groupsOf(publications)) {
      const end = appended.length === 0 ? deadline : this.#runtime.fromNow(TIME.append);
      appended.push(...await Promise.all(group.map((one) => this.#publish(one, end))));
    }
    return appended;
  }

  async #publish(publication: Publication, deadline: MonotonicTime): Promise<Appended> {
    if (this.#keys.isOfChanged(publication)) return await this.#keys.getChanged(publication);
    const newest = this.#deps.newestId();
    const { seq, duplicate = false } = await this.#store(publication, deadline);
    if (!duplicate && seq <= newest) return await this.#deps.onLost(seq);
    if (duplicate) return await this.#keys.getDuplicate(publication, seq);
    return { message: { ...publication.entry, id: seq }, repeated: false };
  }

  async #store(
    { subject, payload, headers }: Publication,
    deadline: MonotonicTime,
  ): Promise<PublishAck> {
    const { jetstream } = this.#deps;
    while (true) {
      try {
        const timeout = this.#timeout(deadline);
        return await jetstream.publish(subject, payload, { headers, timeout });
      } catch (error) {
        // Errors that JetStream reports, such as a full disk, do not go away within seconds.
        const isFinal = !(error instanceof Refused) || error instanceof JetStreamError;
        if (isFinal) throw error;
        await this.#waitForRetry(deadline, error);
      }
    }
  }

  async #publishTogether(
    publications: readonly Publication[],
    deadline: MonotonicTime,
  ): Promise<readonly Appended[]> {
    let mayBeStored = publications.some((one) => this.#keys.isOfChanged(one));
    for (;; mayBeStored = true) {
      const newest = this.#deps.newestId();
      let firstId: number | undefined;
      let known: readonly (Appended | undefined)[] = [];
      try {
        if (mayBeStored) known = await this.#keys.find(publications);
        firstId = await this.#storeBatch(publications.filter((_, n) => !known[n]), deadline);
      } catch (error) {
        const code = error instanceof JetStreamError ? error.code : undefined;
        if (code !== undefined && NO_BATCH.includes(code)) {
          return await this.#publishEach(publications, deadline);
        }
        const isPassing = error instanceof Refused && error.refusal === "store_unavailable" &&
          (code === undefined || PASSING.includes(code));
        if (!isPassing) throw error;
        const isKnown = code === ERROR_CODE.batchHasDuplicate && !mayBeStored;
        if (!isKnown) await this.#waitForRetry(deadline, error);
        continue;
      }
      // The server has stored the messages one by one.
      if (firstId === undefined) continue;
      if (firstId <= newest) return await this.#deps.onLost(firstId);
      let next = firstId;
      return publications.map(({ entry }, n) =>
        known[n] ?? { message: { ...entry, id: next++ }, repeated: false }
      );
    }
  }

  /** Returns the id of the first message, `Infinity` for no messages, `undefined` if the server does not know batches. */
  async #storeBatch(
    publications: readonly Publication[],
    deadline: MonotonicTime,
  ): Promise<number | undefined> {
    if (publications.length === 0) return Infinity;
    const { jetstream } = this.#deps;
    const firstId = await jetstream.publishBatch(publications, this.#timeout(deadline));
    if (firstId === undefined) this.#hasBatches = false;
    return firstId;
  }

  /** The timeout of the next attempt in ms. */
  #timeout(deadline: MonotonicTime): number {
    return Math.min(TIME.attempt, this.#runtime.msUntil(deadline));
  }

  /** Waits until the next attempt. Throws `error` if there is no time for one, or no connection. */
  async #waitForRetry(deadline: MonotonicTime, error: Refused): Promise<void> {
    const { signal } = this.#end;
    const isTooLate = deadline < later(this.#runtime.monotonicNow(), TIME.retryDelay);
    if (isTooLate) this.#suspend(error.message);
    if (isTooLate || this.unavailableReason !== undefined || signal.aborted) throw error;
    await this.#runtime.delay(TIME.retryDelay, signal);
  }

  /** Refuses all appends until the stream responds again. */
  #suspend(reason: string): void {
    if (this.#suspendedReason === undefined) this.#resumeLater();
    this.#suspendedReason = reason;
  }

  async #resumeLater(): Promise<void> {
    const { jetstream, stream } = this.#deps;
    const { signal } = this.#end;
    while (!signal.aborted) {
      await this.#runtime.delay(TIME.retryDelay, signal);
      try {
        await jetstream.info(stream, TIME.check);
        this.#suspendedReason = undefined;
        return;
      } catch {
        // Still unavailable.
      }
    }
  }
}

/** Divides publications, in their order, into groups with one of a channel at most. */
function groupsOf(publications: readonly Publication[]): readonly Publication[][] {
  const groups: Publication[][] = [];
  let subjects = new Set<string>();
  for (const publication of publications) {
    const { subject } = publication;
    const group = subjects.has(subject) ? undefined : groups.at(-1);
    if (group === undefined) {
      groups.push([publication]);
      subjects = new Set([subject]);
    } else {
      group.push(publication);
      subjects.add(subject);
    }
  }
  return groups;
}
