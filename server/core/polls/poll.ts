import type { CancelReason, PollReply } from "../../protocol/replies.ts";
import type { Session } from "../model/session.ts";
import type { PollConnection } from "../waiting/seat.ts";

/** A poll of a session. */
export interface Poll {
  readonly cursor?: string | undefined;
  /** Rooms to read. Direct messages are part of every poll. */
  readonly channels: readonly string[];
  /** Whether the reader gets notices, those to everyone and those to its session; `true` by default. */
  readonly notices?: boolean;
  /** How long the poll may be held, in ms. */
  readonly hold?: number | undefined;
  readonly tab: string;
  readonly turn?: number | undefined;
  readonly state: "active" | "background";
  /** Whether the reply can contain signals. */
  readonly wantsSignals: boolean;
  /** Maximum number of messages to read from the store for the reply; without it, as many as fit. */
  readonly maxMessages?: number;
  readonly connection: PollConnection;
}

/** Whom a poll counts for. Several programs can share an API key: each of their readers counts for itself. */
export function readerOf({ publicToken, isApiKey }: Session, { tab }: Poll): string {
  return isApiKey ? `${publicToken} ${tab}` : publicToken;
}

/** The reply to a poll that is ended; `cursor`: the one it had. */
export function cancelled(reason: CancelReason, cursor = ""): PollReply {
  const empty = { messages: [], signals: [], gap: false, retryAfter: 0 };
  return { outcome: "cancelled", reason, cursor, ...empty };
}
