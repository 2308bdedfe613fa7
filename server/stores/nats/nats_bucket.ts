import { ERROR_CODE, hasErrorCode, type JetStream, type StreamMessage } from "./nats_jetstream.ts";
import { formatSubject, subjectParts } from "./nats_subjects.ts";

/** What a record says, and which version of it that is. */
export interface BucketEntry<Value> {
  readonly value: Value;
  readonly revision: number;
  /** When it was written, by the clock of the stream: Unix time in ms. */
  readonly at: number;
  /** Its key. */
  readonly key: readonly string[];
}

/**
 * Records of JSON in a stream that keeps the newest message of each subject. A key is some words. What was written is
 * read by every node from then on: it is the stream's leader that is asked.
 */
export class NatsBucket<Value> {
  readonly #jetstream: JetStream;
  readonly #stream: string;
  readonly #kind: readonly string[];

  /** The records of a stream whose keys begin with `kind`. */
  constructor(jetstream: JetStream, stream: string, ...kind: readonly string[]) {
    this.#jetstream = jetstream;
    this.#stream = stream;
    this.#kind = kind;
  }

  async get(...key: readonly string[]): Promise<BucketEntry<Value> | undefined> {
    const wanted = { last_by_subj: this.#subject(key) };
    return this.#versioned(await this.#jetstream.get(this.#stream, wanted));
  }

  /** The record that was written longest ago. */
  async oldest(): Promise<BucketEntry<Value> | undefined> {
    const wanted = { seq: 0, next_by_subj: this.#subject([]) + ".>" };
    return this.#versioned(await this.#jetstream.get(this.#stream, wanted));
  }

  /** How many records are in the stream, of whatever kind. */
  async count(): Promise<number> {
    return (await this.#jetstream.info(this.#stream)).state.messages;
  }

  async put(key: readonly string[], value: Value): Promise<number> {
    return (await this.#jetstream.publish(this.#subject(key), JSON.stringify(value))).seq;
  }

  /** Writes what follows that version (0: none), and says whether it does. */
  async update(key: readonly string[], value: Value, version: number): Promise<boolean> {
    const headers = { "Nats-Expected-Last-Subject-Sequence": String(version) };
    try {
      await this.#jetstream.publish(this.#subject(key), JSON.stringify(value), { headers });
      return true;
    } catch (error) {
      if (hasErrorCode(error, ERROR_CODE.wrongSequence)) return false;
      throw error;
    }
  }

  /** Writes what `change` makes of a record, as often as others were faster; `undefined` leaves it as it is. */
  async modify(
    key: readonly string[],
    change: (value: Value | undefined) => Value | undefined,
  ): Promise<void> {
    while (true) {
      const record = await this.get(...key);
      const value = change(record?.value);
      if (value === undefined) return;
      if (await this.update(key, value, record?.revision ?? 0)) return;
    }
  }

  /** Removes a record, whichever version it has. */
  async remove(...key: readonly string[]): Promise<void> {
    await this.#jetstream.purge(this.#stream, { filter: this.#subject(key) });
  }

  /** Removes that version of a record; says whether it was still there. */
  async removeRevision(version: number): Promise<boolean> {
    const wanted = { seq: version, no_erase: true };
    try {
      await this.#jetstream.call(`STREAM.MSG.DELETE.${this.#stream}`, wanted);
      return true;
    } catch (error) {
      if (hasErrorCode(error, ERROR_CODE.noMessage) || hasErrorCode(error, ERROR_CODE.notDeleted)) {
        return false;
      }
      throw error;
    }
  }

  #subject(key: readonly string[]): string {
    return formatSubject(this.#stream, ...this.#kind, ...key);
  }

  #versioned(message: StreamMessage | undefined): BucketEntry<Value> | undefined {
    if (message === undefined) return undefined;
    const { text, seq, at, subject } = message;
    const parts = subjectParts(this.#stream, subject).slice(this.#kind.length);
    return { value: JSON.parse(text), revision: seq, at, key: parts };
  }
}
