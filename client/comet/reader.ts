import type { Api } from "./api.ts";
import type { ConnectionState, StopReason } from "./connection_state.ts";
import type { HalleyError } from "./halley_error.ts";
import type { Pauses } from "./poll_delays.ts";
import type { PollReply } from "../../server/protocol/replies.ts";

/** Reads messages for a client: by polls of its own, or by those of another tab. */
export interface Reader {
  readonly state: ConnectionState;
  readonly cursor: string | undefined;
  start(): void;
  stop(reason: StopReason, problem?: HalleyError): void;
  /** To be called when the rooms to read are others. */
  changeChannels(): void;
  /** Cuts short whatever is being waited for. */
  tryNow(): void;
}

/** What a reader is given. */
export interface ReaderOptions {
  readonly api: Api;
  readonly pauses: Pauses;
  /** Where to read on; without it from now on. */
  readonly cursor: string | undefined;
  readonly hold: number | undefined;
  /** The rooms to read: asked before each poll. */
  readonly channels: () => readonly string[];
  /** Called before the cursor is moved; with what may have been given before. */
  readonly onNews: (news: News) => void;
  readonly onCursor: (cursor: string) => void;
  readonly onState: (state: ConnectionState) => void;
}

/** What a reply brings. */
export type News = Pick<PollReply, "gap" | "messages" | "signals">;
