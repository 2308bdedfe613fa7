import type { Receipt, ReceiptStore } from "../../core/model/store.ts";
import { readAll } from "./nats_ordered_consumer.ts";
import { type JetStream, parseJson } from "./nats_jetstream.ts";
import { formatSubject } from "./nats_subjects.ts";

/** The receipts in a stream of JetStream, which removes old ones by itself. */
export class NatsReceipts implements ReceiptStore {
  readonly #jetstream: JetStream;
  readonly #stream: string;
  /** Those from before this time (Unix, ms) count no more. */
  #floor = 0;

  constructor(jetstream: JetStream, stream: string) {
    this.#jetstream = jetstream;
    this.#stream = stream;
  }

  async add(receipts: readonly Receipt[]): Promise<void> {
    await Promise.all(receipts.map((receipt) => {
      const subject = formatSubject(this.#stream, receipt.publicToken);
      return this.#jetstream.publish(subject, JSON.stringify(receipt));
    }));
  }

  async find(publicToken: string, channel: string, id: number): Promise<readonly Receipt[]> {
    const found: Receipt[] = [];
    const wanted = { stream: this.#stream, subject: formatSubject(this.#stream, publicToken) };
    await readAll(this.#jetstream, wanted, ({ text }) => {
      const receipt = parseJson<Receipt>(text());
      if (receipt === undefined) return;
      const { after, upTo, at } = receipt;
      if (at < this.#floor || after >= id || upTo < id) return;
      if (receipt.channel === "" || receipt.channel === channel) found.push(receipt);
    });
    return found;
  }

  removeBefore(time: number): Promise<boolean> {
    this.#floor = time;
    return Promise.resolve(false);
  }
}
