import { type Draft, type Entry, messageOf } from "../../core/model/message.ts";
import type { Appended } from "../../core/model/store.ts";
import { contentOf } from "../digests.ts";
import type { Headers } from "./nats_client.ts";
import { ERROR_CODE, hasErrorCode, type JetStream } from "./nats_jetstream.ts";
import { keyReused, type Publication } from "./nats_publication.ts";

/** What {@linkcode StoredKeys} are constructed from. */
export interface StoredKeysDeps {
  readonly jetstream: JetStream;
  readonly stream: string;
  /** Returns the message with this id, if the stream has it. */
  readonly get: (id: number) => Promise<Entry | undefined>;
  /** The id of the changed message that was published under this id. */
  readonly changedWith: (messageId: string) => number | undefined;
}

/** Timeout in ms of asking for the number of replicas. */
const INFO_TIMEOUT = 2_000;

/**
 * Headers with which a stream rejects a message, but looks for its id first: a number and an id that its last message never
 * has. Which of them does that depends on the stream: with one replica, NATS 2.15 checks the number before the id; with
 * several, it stops storing anything after it has rejected a message because of the other id.
 */
const REJECTED = {
  oneReplica: { "Nats-Expected-Last-Msg-Id": "none" },
  replicas: { "Nats-Expected-Last-Sequence": String(Number.MAX_SAFE_INTEGER) },
} as const;

/** Finds what a stream has stored under the keys of drafts: their ids are in its duplicate window. */
export class StoredKeys {
  readonly #deps: StoredKeysDeps;

  constructor(deps: StoredKeysDeps) {
    this.#deps = deps;
  }

  /** Returns what has each publication's key, or was stored of it before. Refuses if its content was different. */
  async find(publications: readonly Publication[]): Promise<readonly (Appended | undefined)[]> {
    const { jetstream, stream } = this.#deps;
    const { config: { num_replicas: replicas = 1 } } = await jetstream.info(stream, INFO_TIMEOUT);
    const rejected = replicas > 1 ? REJECTED.replicas : REJECTED.oneReplica;
    return await Promise.all(publications.map(async (publication) => {
      if (this.isOfChanged(publication)) return await this.getChanged(publication);
      const seq = await this.#seqOf(publication, rejected);
      return seq === undefined ? undefined : await this.getDuplicate(publication, seq);
    }));
  }

  /** Whether the publication has the key of a message that was changed later: the stream may have forgotten it. */
  isOfChanged({ messageId }: Publication): boolean {
    return this.#deps.changedWith(messageId) !== undefined;
  }

  /** Returns the message of {@linkcode isOfChanged}. */
  async getChanged({ draft, messageId }: Publication): Promise<Appended> {
    const id = this.#deps.changedWith(messageId) ?? 0;
    return { message: await this.#getByKey(draft, id), repeated: true };
  }

  /**
   * Returns the message of which a publication is a duplicate: of an earlier use of its key, or of an attempt of the same
   * append whose confirmation was lost.
   */
  async getDuplicate({ draft, entry, nonce }: Publication, seq: number): Promise<Appended> {
    return nonce === undefined || await this.#hasNonce(seq, nonce)
      ? { message: { ...entry, id: seq }, repeated: false }
      : { message: await this.#getByKey(draft, seq), repeated: true };
  }

  async #seqOf(
    { subject, messageId }: Publication,
    rejected: Headers,
  ): Promise<number | undefined> {
    const headers = { "Nats-Msg-Id": messageId, ...rejected };
    try {
      return (await this.#deps.jetstream.publish(subject, "", { headers })).seq;
    } catch (error) {
      const isUnknown = hasErrorCode(error, ERROR_CODE.wrongSequence) ||
        hasErrorCode(error, ERROR_CODE.wrongLastId);
      if (!isUnknown) throw error;
      return undefined;
    }
  }

  /** Returns the message that a draft's key produced earlier. Refuses if its content was different, as far as that is known. */
  async #getByKey(draft: Draft, id: number): Promise<Entry> {
    const { get, jetstream: { client: { runtime } } } = this.#deps;
    const message = await get(id);
    // Its first content is not stored any more.
    if (message?.editedAt !== undefined || message?.deletedAt !== undefined) return message;
    if (message !== undefined && contentOf(message) !== contentOf(draft)) {
      throw keyReused(draft);
    }
    return message ?? messageOf(draft, id, runtime.wallNow());
  }

  /** Whether a stored message has this nonce. */
  async #hasNonce(seq: number, nonce: string): Promise<boolean> {
    const { jetstream, stream } = this.#deps;
    return (await jetstream.get(stream, { seq }))?.headers.includes(nonce) === true;
  }
}
