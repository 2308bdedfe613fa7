import type { Size } from "../../core/log/fair_trim.ts";
import { type Entry, ownerOf, type Topic, topicsOf } from "../../core/model/message.ts";

/** Maximum number of messages that are removed at once, and of their bytes: to find the words of long texts takes time. */
export const TRIM_BATCH = 500;
const TRIM_BYTES = 262_144;

/** What one trim has removed. */
export class TrimBatch {
  removed = 0;
  #bytes = 0;
  readonly owners = new Map<Topic, Size>();
  /** The highest removed id of each topic. */
  readonly topics = new Map<Topic, number>();

  add(message: Entry, size: number): void {
    const owner = ownerOf(message);
    const { messages, bytes } = this.owners.get(owner) ?? { messages: 0, bytes: 0 };
    this.owners.set(owner, { messages: messages + 1, bytes: bytes + size });
    for (const topic of topicsOf(message.channel)) {
      this.topics.set(topic, Math.max(message.id, this.topics.get(topic) ?? 0));
    }
    this.removed++;
    this.#bytes += size;
  }

  get isFull(): boolean {
    return this.removed >= TRIM_BATCH || this.#bytes >= TRIM_BYTES;
  }
}
