/** What a reader's client has told: see `peers/run.mjs`. */
export type ReaderEvent =
  | { readonly kind: "message"; readonly n: number; readonly at: number }
  | { readonly kind: "interrupted" | "gap" };

/** What became of the messages at all readers. */
export interface Tally {
  /** Number of messages that the server has acknowledged. */
  readonly sent: number;
  /** Number of messages that should have arrived: those sent, at each reader. */
  readonly expected: number;
  readonly delivered: number;
  /** Of those lost: the client or the server told the reader that messages may be missing. */
  readonly lostTold: number;
  /** Of those lost: the client reported that the connection had failed, and nothing else. */
  readonly lostInterrupted: number;
  /** Of those lost: between the messages before and after them, nothing was reported. */
  readonly lostSilently: number;
  readonly duplicated: number;
  /** Number of messages that arrived after a later one. */
  readonly outOfOrder: number;
  /** Number of readers that did not get the very last message, which was sent when all faults were over. */
  readonly stopped: number;
  /** Times (ms) from sending to the first arrival, in ascending order. */
  readonly latencies: readonly number[];
}

/** Counts the events of all readers, each in the order of arrival. `sent`: when each acknowledged message was sent, by number. */
export function tallyOf(
  readers: readonly (readonly ReaderEvent[])[],
  sent: ReadonlyMap<number, number>,
): Tally {
  const counts = { delivered: 0, lostTold: 0, lostInterrupted: 0, lostSilently: 0 };
  const mistakes = { duplicated: 0, outOfOrder: 0, stopped: 0 };
  const latencies: number[] = [];
  const last = Math.max(...sent.keys());
  for (const events of readers) {
    const received = countArrivals(events, mistakes);
    if (!received.has(last)) mistakes.stopped++;
    for (const [n, sentAt] of sent) {
      const at = received.get(n);
      if (at === undefined) counts[lossOf(events, n)]++;
      else {
        counts.delivered++;
        latencies.push(at - sentAt);
      }
    }
  }
  latencies.sort((one, other) => one - other);
  const expected = readers.length * sent.size;
  return { sent: sent.size, expected, ...counts, ...mistakes, latencies };
}

/** Returns when each message arrived first. Messages below 0 are those before the measurement. */
function countArrivals(
  events: readonly ReaderEvent[],
  mistakes: { duplicated: number; outOfOrder: number },
): Map<number, number> {
  const received = new Map<number, number>();
  let latest = -1;
  for (const event of events) {
    if (event.kind !== "message" || event.n < 0) continue;
    if (received.has(event.n)) {
      mistakes.duplicated++;
      continue;
    }
    if (event.n < latest) mistakes.outOfOrder++;
    latest = Math.max(latest, event.n);
    received.set(event.n, event.at);
  }
  return received;
}

/** What was reported between the messages before and after a lost one. */
function lossOf(
  events: readonly ReaderEvent[],
  lost: number,
): "lostTold" | "lostInterrupted" | "lostSilently" {
  const after = events.findIndex((event) => event.kind === "message" && event.n > lost);
  const earlier = after < 0 ? events : events.slice(0, after);
  const before = earlier.findLastIndex(({ kind }) => kind === "message");
  const kinds = earlier.slice(before + 1).map(({ kind }) => kind);
  if (kinds.includes("gap")) return "lostTold";
  return kinds.includes("interrupted") ? "lostInterrupted" : "lostSilently";
}
