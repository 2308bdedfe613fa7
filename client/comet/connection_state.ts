import type { CancelReason } from "../../server/protocol/replies.ts";
import type { HalleyError } from "./halley_error.ts";

/**
 * Why a client does not poll:
 *
 * - `asked`: `stopWaiting()` was called, or `startWaiting()` was not.
 * - `superseded`: another reader polls with the same `tab`.
 * - `signed_out`: the session has ended.
 * - `kicked`: an administrator has ended the session.
 * - `banned`: an administrator has banned the person; `problem` says until when and why. The session stays.
 * - `refused`: the server has rejected the poll.
 * - `other_user`: `getToken` has returned a token of another user. The client sends nothing more.
 */
export type StopReason = "asked" | "refused" | "banned" | "other_user" | CancelReason;

/** State of the connection between a client and its server. */
export type ConnectionState =
  /** A poll is under way, and it is not known whether the server can be reached. */
  | { readonly name: "connecting" }
  /** The last poll was answered. */
  | { readonly name: "connected" }
  /**
   * The last poll failed. The next one is sent at `until`: Unix time in ms. `problem` is what was answered, if anything: by
   * Halley, or by something in front of it (`unexpected_answer`).
   */
  | { readonly name: "waiting"; readonly until: number; readonly problem?: HalleyError }
  /** The same, and the browser reports that it is offline. */
  | { readonly name: "offline"; readonly until: number; readonly problem?: HalleyError }
  /** No poll is sent until `startWaiting` is called. `problem` is the error if the reason is `refused` or `banned`. */
  | { readonly name: "stopped"; readonly reason: StopReason; readonly problem?: HalleyError };

/** Why a client stops when its poll has failed with a final error. */
export function stopReasonOf({ status, code }: HalleyError): StopReason {
  if (code === "kicked" || code === "banned" || code === "other_user") return code;
  return status === 401 ? "signed_out" : "refused";
}

/** Whether two states are equal. */
export function isSameState(one: ConnectionState, other: ConnectionState): boolean {
  const untilOf = (state: ConnectionState) => "until" in state ? state.until : undefined;
  return one.name === other.name && untilOf(one) === untilOf(other);
}
