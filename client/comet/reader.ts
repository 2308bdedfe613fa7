import type { Api } from "./api.ts";
import type { ConnectionState, StopReason } from "./connection_state.ts";
import type { Delays } from "./delays.ts";
import type { HalleyError } from "./halley_error.ts";
import type { Platform } from "./platform.ts";
import type { PollReply, RefusedChannel, ServerSettings } from "../../server/protocol/replies.ts";

/** Receives messages for a client: by polls of its own (`PollLoop`), or together with other tabs (`SharedReader`). */
export interface Reader {
  readonly state: ConnectionState;
  readonly cursor: string | undefined;
  start(): void;
  stop(reason: StopReason, problem?: HalleyError): void;
  /** To be called when the rooms to read have changed. */
  changeChannels(): void;
  /** Skips the delay before the next attempt. */
  tryNow(): void;
}

export interface ReaderOptions {
  readonly platform: Platform;
  readonly api: Api;
  readonly delays: Delays;
  /** Where to start reading; without it, at the newest message. */
  readonly cursor: string | undefined;
  readonly hold: number | undefined;
  readonly settings: () => Promise<ServerSettings>;
  /** Returns the rooms to read, and `notice` for notices; called before each poll. */
  readonly channels: () => readonly string[];
  /** Called with the rooms that an answered poll has named, before its messages are delivered. */
  readonly onPolled: (
    channels: readonly string[],
    refused: readonly RefusedChannel[] | undefined,
  ) => void;
  /** Called before the cursor moves. May contain messages that were delivered before. */
  readonly onUpdate: (update: Update) => void;
  readonly onCursor: (cursor: string) => void;
  readonly onState: (state: ConnectionState) => void;
}

/** What is new since the last cursor. */
export type Update = Pick<PollReply, "gap" | "messages" | "changes" | "signals">;
