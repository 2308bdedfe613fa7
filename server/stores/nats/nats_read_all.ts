import type { JetStream } from "./nats_jetstream.ts";
import { OrderedConsumer, type StreamDelivery } from "./nats_ordered_consumer.ts";

/** Reads all messages that exist now, in order. */
export async function readAll(
  jetstream: JetStream,
  { stream, subject, headersOnly = false, after = 0 }: {
    stream: string;
    subject?: string;
    headersOnly?: boolean;
    after?: number;
  },
  onMessage: (delivery: StreamDelivery) => void,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { consumer, pending } = await OrderedConsumer.open(jetstream, {
    stream,
    ...(subject !== undefined && { subject }),
    after,
    headersOnly,
    onMessage: (delivery) => {
      onMessage(delivery);
      if (delivery.pending === 0) resolve();
    },
    // If the last messages were removed meanwhile, none comes with nothing pending.
    onIdle: resolve,
  });
  using _ = consumer;
  if (pending > 0) await promise;
}
