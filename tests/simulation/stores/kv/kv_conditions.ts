/** What happens to one operation. */
export type Fate =
  /** It is done, and its reply arrives. */
  | "done"
  /** Another process has the lock of a local database: it fails at once. */
  | "locked"
  /** The request is lost: nothing is done, and it fails. */
  | "no request"
  /** The reply is lost: it is done, and it fails. */
  | "no reply"
  /** It is done, but only after everybody has given up waiting. */
  | "too late";

/** The state of the network and of the database, as a seed chooses it. */
export interface KvConditions {
  /** How long a request, a reply or a notification takes, in ms. */
  latency(): number;
  fateOf(operation: "read" | "commit"): Fate;
  /** How long a change takes until watches notice it, in ms; `undefined`: the watch ends instead. */
  watchDelay(): number | undefined;
}

/** Everything happens soon, as it should. */
export const CALM: KvConditions = {
  latency: () => 0,
  fateOf: () => "done",
  watchDelay: () => 0,
};
