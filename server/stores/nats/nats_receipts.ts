import type { Receipt, ReceiptStore } from "../../core/store.ts";
import type { NatsLink } from "./nats_link.ts";
import { readStream } from "./stream_reader.ts";

/** So many receipts are removed in one step. */
const STEP = 500;

/** The receipts in a JetStream stream, with a subject for each session. */
export class NatsReceipts implements ReceiptStore {
  readonly #link: NatsLink;
  readonly #stream: string;
  readonly #prefix: string;

  constructor(link: NatsLink, { stream, prefix }: { stream: string; prefix: string }) {
    this.#link = link;
    this.#stream = stream;
    this.#prefix = prefix;
  }

  async add(receipts: readonly Receipt[]): Promise<void> {
    await Promise.all(receipts.map((receipt) => {
      const subject = `${this.#prefix}.${receipt.publicToken}`;
      const payload = JSON.stringify(receipt);
      return this.#link.ask(() => this.#link.js.publish(subject, payload));
    }));
  }

  async of(publicToken: string, channel: string, id: number): Promise<readonly Receipt[]> {
    const filter = `${this.#prefix}.${publicToken}`;
    const found = await readStream(this.#link, { stream: this.#stream, filter });
    return found.map(({ msg }) => msg.json<Receipt>()).filter((receipt) =>
      receipt.after < id && id <= receipt.upTo && ["", channel].includes(receipt.channel)
    );
  }

  async removeBefore(time: number): Promise<boolean> {
    const stream = this.#stream;
    const oldest = await readStream(this.#link, { stream, limit: STEP });
    const young = oldest.findIndex(({ msg }) => msg.json<Receipt>().at >= time);
    const old = young < 0 ? oldest : oldest.slice(0, young);
    const last = old.at(-1);
    if (last === undefined) return false;
    await this.#link.ask(() =>
      this.#link.manager.streams.purge(stream, { seq: last.sequence + 1 })
    );
    return old.length === STEP;
  }
}
