import type { KeyValue } from "../../core/model/store.ts";
import type { JetStream } from "./nats_jetstream.ts";
import { Records } from "./nats_records.ts";
import type { NatsNames } from "./nats_subjects.ts";

interface Lease {
  readonly holder: string;
  /** In ms, from when it was written. */
  readonly length: number;
}

/** The keyValue in a stream of JetStream. */
export class NatsKeyValue implements KeyValue {
  readonly #notes: Records<string>;
  readonly #leases: Records<Lease>;
  readonly #clock: Records<string>;

  constructor(jetstream: JetStream, { records }: NatsNames) {
    this.#notes = new Records(jetstream, records, "note");
    this.#leases = new Records(jetstream, records, "lease");
    this.#clock = new Records(jetstream, records, "clock");
  }

  async read(name: string): Promise<string | undefined> {
    return (await this.#notes.read(name))?.value;
  }

  async write(name: string, value: string): Promise<void> {
    await this.#notes.write([name], value);
  }

  async remove(name: string): Promise<void> {
    await this.#notes.remove(name);
  }

  async lease(name: string, holder: string, length: number): Promise<boolean> {
    const record = await this.#leases.read(name);
    const isOurs = record?.value.holder === holder;
    if (record !== undefined && !isOurs) {
      if (record.at + record.value.length > await this.#now(holder)) return false;
    }
    const version = record?.version ?? 0;
    if (length > 0) return await this.#leases.replace([name], { holder, length }, version);
    return record === undefined || await this.#leases.removeVersion(version);
  }

  /** The time by the clock of the stream: clocks of nodes may differ. */
  async #now(node: string): Promise<number> {
    await this.#clock.write(["now"], node);
    return (await this.#clock.read("now"))?.at ?? 0;
  }
}
