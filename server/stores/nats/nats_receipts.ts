import type { Receipt, ReceiptStore } from "../../core/model/store.ts";
import { type JetStream, parseJson } from "./nats_jetstream.ts";
import { readAll } from "./nats_read_all.ts";
import { formatSubject } from "./nats_subjects.ts";

/** The receipts in a stream of JetStream, with one subject per session. The server removes old receipts by itself. */
export class NatsReceipts implements ReceiptStore {
  readonly #jetstream: JetStream;
  readonly #stream: string;
  /** Receipts from before this time (Unix, ms) are ignored. */
  #oldestTime = 0;

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
    const query = { stream: this.#stream, subject: formatSubject(this.#stream, publicToken) };
    await readAll(this.#jetstream, query, ({ text }) => {
      const receipt = parseJson<Receipt>(text());
      if (receipt === undefined) return;
      const { after, upTo, at } = receipt;
      if (at < this.#oldestTime || after >= id || upTo < id) return;
      if (receipt.channel === "" || receipt.channel === channel) found.push(receipt);
    });
    return found;
  }

  removeBefore(time: number): Promise<boolean> {
    this.#oldestTime = time;
    return Promise.resolve(false);
  }
}
