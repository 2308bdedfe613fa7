import { SharedCall } from "../../base/shared_call.ts";
import { ERROR_CODE, hasErrorCode, type JetStream, type StreamMessage } from "./nats_jetstream.ts";
import { formatSubject } from "./nats_subjects.ts";

/** A stored value and its revision. */
export interface BucketEntry<Value> {
  readonly value: Value;
  readonly revision: number;
  /** When the server stored it: Unix time in ms. */
  readonly at: number;
}

/**
 * JSON values by key, like a bucket of NATS KV: a stream that keeps the last message of each subject. Every read asks the
 * stream's leader, so all nodes read what was written before, unless the leader has just changed: see `peek`.
 *
 * Why not `@nats-io/kv` 3.4: it deletes by storing a marker, so that `count` and the size of the stream would grow with
 * every removed session (markers expire with servers from 2.11 on only); it cannot find the oldest entry, which is how
 * inactive sessions are found; its keys are limited to `[-/=.\w]`; and its streams and subjects have other names, so that
 * existing deployments would lose their sessions.
 */
export class NatsBucket<Value> {
  readonly #jetstream: JetStream;
  readonly #stream: string;
  readonly #prefix: readonly string[];
  readonly #catchUp: SharedCall;

  /** A bucket in a stream. Several buckets can share a stream if they have prefixes. */
  constructor(jetstream: JetStream, stream: string, ...prefix: readonly string[]) {
    this.#jetstream = jetstream;
    this.#stream = stream;
    this.#prefix = prefix;
    this.#catchUp = new SharedCall(() => jetstream.catchUp(stream));
  }

  /** Returns an entry. `undefined` is certain: then, the leader has caught up with what was written before. */
  async get(key: string): Promise<BucketEntry<Value> | undefined> {
    const entry = await this.peek(key);
    if (entry !== undefined) return entry;
    await this.catchUp();
    return await this.peek(key);
  }

  /** Like `get`, but a leader that has just taken over may miss what was written last. */
  async peek(key: string): Promise<BucketEntry<Value> | undefined> {
    return entryOf(await this.#jetstream.get(this.#stream, { last_by_subj: this.#subject(key) }));
  }

  /** Resolves when reads have everything that was written before this call. */
  catchUp(): Promise<void> {
    return this.#catchUp.call();
  }

  /** Returns the entry that was written longest ago. */
  async oldest(): Promise<BucketEntry<Value> | undefined> {
    const query = { seq: 0, next_by_subj: `${formatSubject(this.#stream, ...this.#prefix)}.>` };
    return entryOf(await this.#jetstream.get(this.#stream, query));
  }

  /** The number of entries in the stream, with those of all its buckets. */
  async count(): Promise<number> {
    return (await this.#jetstream.info(this.#stream)).state.messages;
  }

  async put(key: string, value: Value): Promise<void> {
    await this.#jetstream.publish(this.#subject(key), JSON.stringify(value));
  }

  /** Writes a value if the entry still has this revision (0: does not exist); returns whether it does. */
  async update(key: string, value: Value, revision: number): Promise<boolean> {
    const headers = { "Nats-Expected-Last-Subject-Sequence": String(revision) };
    try {
      await this.#jetstream.publish(this.#subject(key), JSON.stringify(value), { headers });
      return true;
    } catch (error) {
      const { wrongSequence, wrongSequenceInProgress } = ERROR_CODE;
      const codes = [wrongSequence, wrongSequenceInProgress];
      if (codes.some((code) => hasErrorCode(error, code))) return false;
      throw error;
    }
  }

  /**
   * Replaces a value with the result of `change`, which is called again if another node's write came first. Nothing is
   * written if it returns `undefined`.
   */
  async modify(
    key: string,
    change: (value: Value | undefined) => Value | undefined,
  ): Promise<void> {
    while (true) {
      let entry = await this.peek(key);
      if (entry === undefined && change(undefined) === undefined) entry = await this.get(key);
      const value = change(entry?.value);
      if (value === undefined) return;
      if (await this.update(key, value, entry?.revision ?? 0)) return;
    }
  }

  async remove(key: string): Promise<void> {
    await this.#jetstream.purge(this.#stream, { filter: this.#subject(key) });
  }

  /** Removes an entry if it still has this revision; returns whether it did. */
  removeRevision(revision: number): Promise<boolean> {
    return this.#jetstream.remove(this.#stream, revision);
  }

  #subject(key: string): string {
    return formatSubject(this.#stream, ...this.#prefix, key);
  }
}

function entryOf<Value>(message: StreamMessage | undefined): BucketEntry<Value> | undefined {
  if (message === undefined) return undefined;
  const { text, seq, at } = message;
  return { value: JSON.parse(text), revision: seq, at };
}
