import type { CancelReason } from "../../server/protocol/replies.ts";
import type { HalleyError } from "./halley_error.ts";

/**
 * Why a client does not poll: it was not asked to (`asked`), another reader with the same tab came (`superseded`), the
 * session is over (`signed_out`; `kicked`, if an operator has ended it), or the server will not have its polls
 * (`refused`).
 */
export type StopReason = "asked" | "refused" | CancelReason;

/** How things stand between a client and its server. */
export type ConnectionState =
  /** A try is under way. */
  | { readonly name: "connecting" }
  /** The last poll was answered. */
  | { readonly name: "connected" }
  /** The next try is at `until`, in Unix time. */
  | { readonly name: "waiting"; readonly until: number }
  /** The same, and the browser knows that there is no network. */
  | { readonly name: "offline"; readonly until: number }
  /** It polls no more until `startWaiting` is called. */
  | { readonly name: "stopped"; readonly reason: StopReason; readonly problem?: HalleyError };

/** Why a client stops whose poll was refused for good. */
export function stopReasonOf({ status, code }: HalleyError): StopReason {
  if (code === "kicked") return "kicked";
  return status === 401 ? "signed_out" : "refused";
}

/** Whether two states say the same. */
export function isSame(one: ConnectionState, other: ConnectionState): boolean {
  const untilOf = (state: ConnectionState) => "until" in state ? state.until : undefined;
  return one.name === other.name && untilOf(one) === untilOf(other);
}
