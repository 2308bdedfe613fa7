import type { KeyValue } from "../../core/model/store.ts";
import { NatsBucket } from "./nats_bucket.ts";
import type { JetStream } from "./nats_jetstream.ts";
import type { StreamNames } from "./nats_subjects.ts";

/** The field names are part of the stored format. */
interface Lease {
  readonly holder: string;
  /** In ms, from the time when the lease was written. */
  readonly length: number;
}

/**
 * Values and leases in a stream of JetStream. Leases expire by the clock of the NATS servers: the clocks of the nodes may
 * differ.
 */
export class NatsKeyValue implements KeyValue {
  readonly #values: NatsBucket<string>;
  readonly #leases: NatsBucket<Lease>;
  readonly #clock: NatsBucket<string>;

  constructor(jetstream: JetStream, { records }: StreamNames) {
    this.#values = new NatsBucket(jetstream, records, "note");
    this.#leases = new NatsBucket(jetstream, records, "lease");
    this.#clock = new NatsBucket(jetstream, records, "clock");
  }

  async get(name: string): Promise<string | undefined> {
    return (await this.#values.get(name))?.value;
  }

  async set(name: string, value: string): Promise<void> {
    await this.#values.put(name, value);
  }

  async replace(name: string, before: string | undefined, value: string): Promise<boolean> {
    const entry = await this.#values.get(name);
    if (entry?.value !== before) return false;
    return await this.#values.update(name, value, entry?.revision ?? 0);
  }

  async remove(name: string): Promise<void> {
    await this.#values.remove(name);
  }

  async acquireLease(name: string, holder: string, lengthMs: number): Promise<boolean> {
    const entry = await this.#leases.peek(name);
    if (entry !== undefined && entry.value.holder !== holder) {
      if (entry.at + entry.value.length > await this.#serverTime(holder)) return false;
    }
    return await this.#leases.update(name, { holder, length: lengthMs }, entry?.revision ?? 0);
  }

  async releaseLease(name: string, holder: string): Promise<void> {
    const entry = await this.#leases.peek(name);
    if (entry?.value.holder === holder) await this.#leases.removeRevision(entry.revision);
  }

  /** The time by the clock of the NATS servers, which is known from the time of a message that was just written. */
  async #serverTime(node: string): Promise<number> {
    await this.#clock.put("now", node);
    return (await this.#clock.peek("now"))?.at ?? 0;
  }
}
