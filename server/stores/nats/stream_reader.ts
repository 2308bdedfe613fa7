import { createInbox } from "@nats-io/transport-node";
import { type NatsLink, within } from "./nats_link.ts";
import { addConsumer, answerStatus, deliveryOf, type StreamMessage } from "./stream_follower.ts";

/** What is read of a stream. */
export interface Reading {
  readonly stream: string;
  /** The subject of the messages that are wanted; without it, all. */
  readonly filter?: string;
  /** At most so many, the oldest; without it, all. */
  readonly limit?: number;
}

/** Reads what is in a stream now, the oldest first. Refuses with `store_unavailable`. */
export function readStream(link: NatsLink, reading: Reading): Promise<readonly StreamMessage[]> {
  return link.ask(() => readOnce(link, reading));
}

async function readOnce(
  link: NatsLink,
  { stream, filter, limit = Infinity }: Reading,
): Promise<readonly StreamMessage[]> {
  const messages: StreamMessage[] = [];
  const complete = Promise.withResolvers<void>();
  const subject = createInbox();
  const subscription = link.connection.subscribe(subject, {
    callback: (error, msg) => {
      if (error !== null || answerStatus(link, msg)) return;
      const { sequence, at, delivered, pending } = deliveryOf(msg);
      if (delivered !== messages.length + 1) complete.reject(new Error("a message was missed"));
      messages.push({ sequence, at, msg });
      if (pending === 0 || messages.length === limit) complete.resolve();
    },
  });
  try {
    const options = { stream, subject, after: 0, ...(filter !== undefined && { filter }) };
    const { num_pending, delivered, name } = await addConsumer(link, options);
    if (num_pending === 0 && delivered.consumer_seq === 0) return [];
    if (!await within(link.patience * 0.3, complete.promise)) throw new Error("it takes too long");
    // It would end by itself, after a while.
    link.manager.consumers.delete(stream, name).catch(() => {});
    return messages;
  } finally {
    subscription.unsubscribe();
  }
}
