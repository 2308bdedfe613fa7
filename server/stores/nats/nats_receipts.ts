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
    await Promise.all(
      receipts.map((receipt) =>
        this.#jetstream.publish(this.#subject(receipt.publicToken), JSON.stringify(receipt))
      ),
    );
  }

  async find(publicToken: string, channel: string, id: number): Promise<readonly Receipt[]> {
    const receipts = await this.list(publicToken);
    return receipts.filter(({ after, upTo, channel: one }) =>
      after < id && upTo >= id && ["", channel].includes(one)
    );
  }

  async list(publicToken: string): Promise<readonly Receipt[]> {
    return (await this.#stored(publicToken)).map(({ receipt }) => receipt)
      .filter(({ at }) => at >= this.#oldestTime);
  }

  async remove(publicToken: string, channel?: string): Promise<void> {
    const stored = await this.#stored(publicToken);
    const kept = stored.map(({ receipt }) => receipt)
      .filter((receipt) => channel !== undefined && receipt.channel !== channel);
    if (kept.length === stored.length) return;
    // Stored again before all earlier ones are purged: NATS 2.9 finds no message of a subject whose last one was deleted.
    await this.add(kept);
    const seq = (stored.at(-1)?.seq ?? 0) + 1;
    await this.#jetstream.purge(this.#stream, { filter: this.#subject(publicToken), seq });
  }

  removeBefore(time: number): Promise<boolean> {
    this.#oldestTime = time;
    return Promise.resolve(false);
  }

  async #stored(publicToken: string) {
    const found: { readonly seq: number; readonly receipt: Receipt }[] = [];
    const query = { stream: this.#stream, subject: this.#subject(publicToken) };
    await readAll(this.#jetstream, query, ({ seq, text }) => {
      const receipt = parseJson<Receipt>(text());
      if (receipt !== undefined) found.push({ seq, receipt });
    });
    return found;
  }

  #subject(publicToken: string): string {
    return formatSubject(this.#stream, publicToken);
  }
}
