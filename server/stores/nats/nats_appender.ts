import { createHash } from "node:crypto";
import { later, type MonotonicTime } from "../../base/clock.ts";
import type { Runtime } from "../../base/runtime.ts";
import {
  type Draft,
  encode,
  type Entry,
  keyScopeOf,
  messageOf,
  ownerOf,
} from "../../core/model/message.ts";
import { Refused } from "../../core/model/refused.ts";
import type { Appended } from "../../core/model/store.ts";
import { digestOfDraft } from "../digests.ts";
import type { ChangeHeader } from "./nats_changes.ts";
import { type Headers, unavailable } from "./nats_client.ts";
import {
  CHANGE_HEADER,
  ERROR_CODE,
  hasErrorCode,
  type JetStream,
  JetStreamError,
  OWNER_HEADER,
  type PublishAck,
} from "./nats_jetstream.ts";
import { formatSubject } from "./nats_subjects.ts";

/** What a {@linkcode NatsAppender} is constructed from. */
export interface NatsAppenderDeps {
  readonly jetstream: JetStream;
  readonly stream: string;
  /** Returns the message with this id, if the stream has it. */
  readonly get: (id: number) => Promise<Entry | undefined>;
  /** The id of the changed message that was published under this id. */
  readonly changedWith: (messageId: string) => number | undefined;
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

/**
 * Headers with which a stream rejects a message, but looks for its id first: a number and an id that its last message never
 * has. Which of them does that depends on the stream: with one replica, NATS 2.15 checks the number before the id; with
 * several, it stops storing anything after it has rejected a message because of the other id.
 */
const REJECTED = {
  oneReplica: { "Nats-Expected-Last-Msg-Id": "none" },
  replicas: { "Nats-Expected-Last-Sequence": String(Number.MAX_SAFE_INTEGER) },
} as const;

/** A message to publish. */
interface Publication {
  readonly draft: Draft;
  readonly message: Entry;
  readonly subject: string;
  readonly payload: string;
  /** The stream stores only one message with this id. */
  readonly messageId: string;
  readonly headers: Headers;
}

/**
 * Appends messages to the stream of a log. Publishes each message repeatedly, under the same id, until the stream confirms
 * it; the stream's duplicate window makes that safe. If the stream does not respond at all, appends are refused at once
 * until it does.
 */
export class NatsAppender implements Disposable {
  readonly #deps: NatsAppenderDeps;
  readonly #runtime: Runtime;
  readonly #end = new AbortController();
  #inFlight = 0;
  #suspendedReason: string | undefined;

  constructor(deps: NatsAppenderDeps) {
    this.#deps = deps;
    this.#runtime = deps.jetstream.client.runtime;
  }

  /** Why appends are refused at the moment; `undefined` if they are not. */
  get unavailableReason(): string | undefined {
    return this.#deps.jetstream.client.unavailableReason ?? this.#suspendedReason;
  }

  /** See `MessageLog.append`. */
  append(drafts: readonly Draft[]): Promise<readonly Appended[]> {
    return this.#appendAll(drafts.map((draft) => {
      const message = messageOf(draft, 0, this.#runtime.wallNow());
      const owner = ownerOf(draft);
      return this.#prepare(
        draft,
        message,
        owner === draft.channel ? {} : { [OWNER_HEADER]: owner },
      );
    }));
  }

  /** Appends the change of a message. */
  async change(draft: Draft, change: Entry, header: ChangeHeader): Promise<Appended> {
    const headers = { [CHANGE_HEADER]: JSON.stringify(header) };
    const [appended] = await this.#appendAll([this.#prepare(draft, change, headers)]);
    if (appended === undefined) throw new Error("Nothing was appended");
    return appended;
  }

  [Symbol.dispose](): void {
    this.#end.abort();
  }

  async #appendAll(publications: readonly Publication[]): Promise<readonly Appended[]> {
    const { unavailableReason } = this;
    if (unavailableReason !== undefined) throw unavailable(unavailableReason);
    if (this.#inFlight + publications.length > MAX_IN_FLIGHT) {
      throw unavailable("Too many messages are on their way to NATS");
    }
    this.#inFlight += publications.length;
    try {
      return await this.#append(publications);
    } finally {
      this.#inFlight -= publications.length;
    }
  }

  async #append(publications: readonly Publication[]): Promise<readonly Appended[]> {
    const deadline = this.#runtime.fromNow(TIME.append);
    if (publications.length > 1 && publications.some(({ draft }) => draft.key !== undefined)) {
      checkSameKeys(publications);
      await this.#checkKeys(publications);
    }
    // Published without waiting for each other, so that they are stored in this order.
    const appended = await Promise.all(publications.map((one) => this.#publish(one, deadline)));
    const lastId = Math.max(0, ...appended.map(({ message }) => message.id));
    await this.#deps.waitUntilDelivered(lastId);
    return appended;
  }

  #prepare(draft: Draft, message: Entry, headers: Headers): Publication {
    const { json } = encode(message);
    return {
      headers,
      draft,
      message,
      subject: formatSubject(this.#deps.stream, ...draft.channel.split(":")),
      payload: `{${json.slice('{"id":0,'.length)}`,
      messageId: draft.key === undefined
        ? this.#runtime.randomUUID()
        : messageIdOf(draft, draft.key),
    };
  }

  /** Refuses if the key of a draft was used for other content. Stores nothing. */
  async #checkKeys(publications: readonly Publication[]): Promise<void> {
    const { jetstream, stream } = this.#deps;
    const { config: { num_replicas: replicas = 1 } } = await jetstream.info(stream, TIME.attempt);
    const rejected = replicas > 1 ? REJECTED.replicas : REJECTED.oneReplica;
    await Promise.all(publications.map((publication) => this.#checkKey(publication, rejected)));
  }

  async #checkKey({ draft, subject, messageId }: Publication, rejected: Headers): Promise<void> {
    if (draft.key === undefined) return;
    const headers = { "Nats-Msg-Id": messageId, ...rejected };
    try {
      const { seq } = await this.#deps.jetstream.publish(subject, "", { headers });
      await this.#getByKey(draft, seq);
    } catch (error) {
      const isUnknown = hasErrorCode(error, ERROR_CODE.wrongSequence) ||
        hasErrorCode(error, ERROR_CODE.wrongLastId);
      if (!isUnknown) throw error;
    }
  }

  async #publish(publication: Publication, deadline: MonotonicTime): Promise<Appended> {
    const { draft, message, messageId } = publication;
    // The stream may have forgotten the key with the message.
    const changed = this.#deps.changedWith(messageId);
    if (changed !== undefined) {
      return { message: await this.#getByKey(draft, changed), repeated: true };
    }
    const nonce = draft.key === undefined ? undefined : this.#runtime.randomUUID();
    const newest = this.#deps.newestId();
    const { seq, duplicate = false } = await this.#store(publication, { nonce, deadline });
    if (!duplicate && seq <= newest) return await this.#deps.onLost(seq);
    if (!duplicate || draft.key === undefined) {
      return { message: { ...message, id: seq }, repeated: false };
    }
    // A duplicate is either an earlier use of the key, or an attempt of this append whose confirmation was lost.
    return await this.#hasNonce(seq, nonce)
      ? { message: { ...message, id: seq }, repeated: false }
      : { message: await this.#getByKey(draft, seq), repeated: true };
  }

  async #store(
    { subject, payload, messageId, headers: own }: Publication,
    { nonce, deadline }: { nonce: string | undefined; deadline: MonotonicTime },
  ): Promise<PublishAck> {
    const { jetstream } = this.#deps;
    const headers = {
      ...{ "Nats-Msg-Id": messageId, ...own },
      ...(nonce && { "Halley-Try": nonce }),
    };
    while (true) {
      const timeout = Math.min(TIME.attempt, this.#runtime.msUntil(deadline));
      try {
        return await jetstream.publish(subject, payload, { headers, timeout });
      } catch (error) {
        // Errors that JetStream reports, such as a full disk, do not go away within seconds.
        const isFinal = !(error instanceof Refused) || error instanceof JetStreamError;
        if (isFinal) throw error;
        await this.#waitForRetry(deadline, error);
      }
    }
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

  /** Returns the message that a draft's key produced earlier. Refuses if its content was different, as far as that is known. */
  async #getByKey(draft: Draft, id: number): Promise<Entry> {
    const message = await this.#deps.get(id);
    // Its first content is not stored any more.
    if (message?.editedAt !== undefined || message?.deletedAt !== undefined) return message;
    if (message !== undefined && digestOfDraft(message) !== digestOfDraft(draft)) {
      throw keyReused(draft);
    }
    return message ?? messageOf(draft, id, this.#runtime.wallNow());
  }

  /** Whether a stored message has this nonce. */
  async #hasNonce(seq: number, nonce: string | undefined): Promise<boolean> {
    const { jetstream, stream } = this.#deps;
    const stored = await jetstream.get(stream, { seq });
    return nonce !== undefined && stored?.headers.includes(nonce) === true;
  }
}

/** Refuses drafts that have the same key but different content. */
function checkSameKeys(publications: readonly Publication[]): void {
  const digests = new Map<string, string>();
  for (const { draft, messageId } of publications) {
    const digest = digestOfDraft(draft);
    if ((digests.get(messageId) ?? digest) !== digest) throw keyReused(draft);
    digests.set(messageId, digest);
  }
}

function keyReused({ key }: Draft): Refused {
  return new Refused("key_reused", `The key "${key}" was used for another message`);
}

function messageIdOf(draft: Draft, key: string): string {
  const text = JSON.stringify([keyScopeOf(draft), key]);
  return createHash("sha256").update(text).digest("base64url").slice(0, 22);
}
