/** The state of the network and of the servers, as a seed chooses it. All times in ms. */
export interface NatsConditions {
  /** How long a message takes between a node and its server. */
  latency(): number;
  /** How long the servers take to store a message. */
  replication(): number;
  /** How much later than its leader another replica of a stream applies a change. */
  lag(): number;
  /** How long the servers take to agree on a leader, and the leader to apply what it has missed. */
  election(): number;
  /** Whether a message between servers is lost: a request, its reply, or a message for a consumer. */
  isLost(what: "request" | "reply" | "delivery"): boolean;
  /** Whether the disks of the servers are full. */
  isFull(): boolean;
  /** An integer from 0 up to, but without, `count`. */
  choose(count: number): number;
}

/** Everything happens soon, as it should. */
export const CALM: NatsConditions = {
  latency: () => 0,
  replication: () => 0,
  lag: () => 0,
  election: () => 0,
  isLost: () => false,
  isFull: () => false,
  choose: () => 0,
};
