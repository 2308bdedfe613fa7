import type { Size } from "../../core/log/fair_trim.ts";
import { type Entry, ownerOf, type Topic, topicsOf } from "../../core/model/message.ts";

/** What one trim has removed. */
export class TrimBatch {
  removed = 0;
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
  }
}
