import { NatsChanges } from "./nats_changes.ts";
import type { IndexedMessage } from "./nats_index_entries.ts";
import type { JetStream } from "./nats_jetstream.ts";
import type { StreamInfo } from "./nats_stream_info.ts";
import { LogIndex } from "./nats_log_index.ts";
import type { StreamDelivery } from "./nats_ordered_consumer.ts";
import { readAll } from "./nats_read_all.ts";

/** What a node that starts knows of a log. */
export interface ReadIndex {
  readonly index: LogIndex;
  readonly changes: NatsChanges;
  /** The newest message of the stream, if it has any. */
  readonly newest: StreamDelivery | undefined;
  /** All messages up to this id have been removed. */
  readonly floor: number;
}

/** Reads the index of a log from the headers in its stream. */
export async function readIndex(
  jetstream: JetStream,
  stream: string,
  { first_seq: first }: StreamInfo["state"],
): Promise<ReadIndex> {
  const changes = new NatsChanges();
  const found: StreamDelivery[] = [];
  await readAll(
    jetstream,
    { stream, headersOnly: true, after: Math.max(0, first - 1) },
    (delivery) => {
      found.push(delivery);
      const { seq, change: header } = delivery;
      if (header !== undefined) changes.add({ seq, header });
    },
  );
  const erased = new Set(found.flatMap(({ change }) => change?.erased ?? []));
  let floor = Math.max(0, first - 1);
  while (erased.has(floor)) floor--;
  const index = new LogIndex(stream, floor, changes);
  // An edited message is not in the stream any more, but its last change has it.
  const entries: IndexedMessage[] = found.filter(({ seq, change }) =>
    change === undefined ? changes.lastOf(seq) === undefined : changes.hasEffect(seq)
  );
  for (const { subject, bytes, change } of found) {
    if (change === undefined || change.deleted) continue;
    if (changes.lastOf(change.of)?.header !== change) continue;
    const { of, at, owner } = change;
    entries.push({ seq: of, at, subject, bytes, owner });
  }
  entries.sort((one, other) => one.seq - other.seq);
  for (const entry of entries) index.add(entry);
  return { index, changes, newest: found.at(-1), floor };
}
