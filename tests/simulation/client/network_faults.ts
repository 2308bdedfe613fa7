import type { SeededRandom } from "../../../server/commands/soak/seeded_random.ts";

/** What can happen to a request and to its reply. */
export const NETWORK_FAULTS = [
  /** The connection is refused: the server receives nothing, and the client knows that soon. */
  "request refused",
  /** The request is lost without a sign. */
  "request lost",
  /** The request arrives seconds later, after others that were sent later. */
  "request late",
  /** A proxy sends the request twice, perhaps to two nodes. */
  "request repeated",
  /** A gate or a captive portal answers: the server receives nothing. */
  "request intercepted",
  /** The connection is closed before the first byte of the reply. */
  "reply dropped",
  /** The reply is lost without a sign. */
  "reply lost",
  /** The connection is closed within the body. */
  "reply cut",
  "reply late",
  /** A gateway answers with an error, although the server has processed the request. */
  "reply replaced",
] as const;

export type NetworkFault = typeof NETWORK_FAULTS[number];

/** How often each fault happens: the fraction of requests. */
export type FaultRates = Readonly<Partial<Record<NetworkFault, number>>>;

/** What happens to one request. */
export interface Fate {
  readonly faults: ReadonlySet<NetworkFault>;
  /** Time in ms to the server, and back. */
  readonly there: number;
  readonly back: number;
  /** Numbers from 0 to 1 that decide everything else. */
  readonly balance: number;
  readonly detail: number;
}

/**
 * Draws what happens to the next request. Always draws as many numbers, so that a fault that is switched off does not
 * change what happens to others.
 */
export function drawFate(random: SeededRandom, rates: FaultRates): Fate {
  const faults = new Set<NetworkFault>();
  for (const fault of NETWORK_FAULTS) {
    if (random.next() < (rates[fault] ?? 0)) faults.add(fault);
  }
  const [there, back, late] = [
    random.between(1, 80),
    random.between(1, 80),
    random.between(1_000, 9_000),
  ];
  return {
    faults,
    there: there + (faults.has("request late") ? late : 0),
    back: back + (faults.has("reply late") ? late : 0),
    balance: random.next(),
    detail: random.next(),
  };
}
