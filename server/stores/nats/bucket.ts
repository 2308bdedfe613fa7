import { type KV, Kvm } from "@nats-io/kv";
import { isConflict, type NatsLink } from "./nats_link.ts";

/** A value in a bucket, and the revision that it is of. */
export interface Entry {
  readonly value: string;
  readonly revision: number;
}

/** Small values by key: a key-value bucket in NATS. Every method refuses with `store_unavailable`. */
export class Bucket {
  readonly #link: NatsLink;
  readonly #name: string;
  readonly #bucket: KV;

  static async open(link: NatsLink, name: string): Promise<Bucket> {
    return new Bucket(link, name, await new Kvm(link.js).open(name, { allow_direct: false }));
  }

  private constructor(link: NatsLink, name: string, bucket: KV) {
    this.#link = link;
    this.#name = name;
    this.#bucket = bucket;
  }

  async get(key: string): Promise<Entry | undefined> {
    const entry = await this.#link.ask(() => this.#bucket.get(key));
    if (entry === null || entry.operation !== "PUT") return undefined;
    return { value: entry.string(), revision: entry.revision };
  }

  async put(key: string, value: string): Promise<void> {
    await this.#link.ask(() => this.#bucket.put(key, value));
  }

  /**
   * Puts what `edit` makes of the value that is there, whoever else does so meanwhile; `undefined` leaves it. Gives the
   * value that is there in the end.
   */
  async change(
    key: string,
    edit: (value: string | undefined) => string | undefined,
  ): Promise<string | undefined> {
    while (true) {
      const entry = await this.get(key);
      const value = edit(entry?.value);
      if (value === undefined || value === entry?.value) return entry?.value;
      if (await this.#replace(key, value, entry?.revision)) return value;
    }
  }

  /** Removes a value without a trace, unless it has come after `revision`. */
  async remove(key: string, revision?: number): Promise<void> {
    const { streams } = this.#link.manager;
    const filter = `$KV.${this.#name}.${key}`;
    const bound = revision !== undefined && { seq: revision + 1 };
    await this.#link.ask(() => streams.purge(`KV_${this.#name}`, { filter, ...bound }));
  }

  /** The value that was put the longest time ago, after a revision. */
  async oldest(after: number): Promise<Entry & { readonly key: string } | undefined> {
    const { streams } = this.#link.manager;
    const prefix = `$KV.${this.#name}.`;
    const query = { seq: after + 1, next_by_subj: `${prefix}>` };
    const stored = await this.#link.ask(() => streams.getMessage(`KV_${this.#name}`, query));
    if (stored === null) return undefined;
    const key = stored.subject.slice(prefix.length);
    return { key, value: stored.string(), revision: stored.seq };
  }

  /** Whether the value was put; not where another one has been put since `revision`. */
  async #replace(key: string, value: string, revision = 0): Promise<boolean> {
    const options = { expect: { lastSubjectSequence: revision } };
    const subject = `$KV.${this.#name}.${key}`;
    try {
      await this.#link.ask(() => this.#link.js.publish(subject, value, options));
      return true;
    } catch (error) {
      if (isConflict(error)) return false;
      throw error;
    }
  }
}
