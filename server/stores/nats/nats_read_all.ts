import type { JetStream } from "./nats_jetstream.ts";
import { OrderedConsumer, type StreamDelivery } from "./nats_ordered_consumer.ts";
import { allSubjects } from "./nats_subjects.ts";

/**
 * Reads all messages that the stream's leader has now, in order. The consumer can be on a replica that is behind the leader:
 * what it takes for the end need not be the end.
 */
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
  const query = { last_by_subj: subject ?? allSubjects(stream) };
  const findEnd = async () => (await jetstream.get(stream, query))?.seq ?? 0;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let [last, end] = [after, await findEnd()];
  if (last >= end) return;
  const consumer = await OrderedConsumer.open(jetstream, {
    ...{ stream, after, headersOnly, ...(subject !== undefined && { subject }) },
    onMessage: (delivery) => {
      onMessage(delivery);
      last = delivery.seq;
      if (last >= end) resolve();
    },
    // The last messages may have been removed meanwhile.
    onIdle: () => {
      findEnd().then((seq) => {
        end = seq;
        if (last >= end) resolve();
      }).catch(reject);
    },
  });
  using _ = consumer;
  await promise;
}
