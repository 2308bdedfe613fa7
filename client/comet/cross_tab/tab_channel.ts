import { isPollReply, isRecord } from "../../../server/protocol/guards.ts";
import type { ConnectionState, StopReason } from "../connection_state.ts";
import { disposable } from "../dispose.ts";
import { HalleyError, type HalleyErrorOptions } from "../halley_error.ts";
import type { Channel, Platform } from "../platform.ts";
import type { SentPoll } from "../poll_loop.ts";
import type { PollReply } from "../../../server/protocol/replies.ts";
import type { PollRequest } from "../../../server/protocol/requests.ts";

/** A member announces itself and what it wants to read. The leader answers with an update. */
export interface Announcement {
  readonly type: "announcement";
  readonly from: string;
  readonly channels: readonly string[];
  readonly presence: PollRequest["state"];
}

/** A member leaves the group. */
export interface Leave {
  readonly type: "leave";
  readonly from: string;
}

/** State and cursor of the leader, with the poll that has changed them. */
export interface LeaderUpdate {
  readonly type: "leader";
  readonly state: ConnectionState;
  readonly cursor: string | undefined;
  /** Whether the server had no more messages after `cursor` when it was last asked. */
  readonly isCurrent: boolean;
  /** The leader does not know the members yet: they must announce themselves. */
  readonly isNew: boolean;
  readonly poll?: LeaderPoll;
}

/** A poll of the leader that was answered. */
export interface LeaderPoll {
  readonly sent: SentPoll;
  readonly reply: PollReply;
}

/** A user wants the leader to skip its delay. */
export interface TryNow {
  readonly type: "try_now";
}

/** All members must stop polling. */
export interface Stop {
  readonly type: "stop";
  readonly reason: StopReason;
  readonly problem?: HalleyErrorOptions;
}

export type TabMessage = Announcement | Leave | LeaderUpdate | TryNow | Stop;

/** Sends messages between the members of a group. Correctness does not depend on them: they can be lost or reordered. */
export class TabChannel implements Disposable {
  readonly #channel: Channel;
  readonly #subscription: Disposable;

  /** `onMessage` is called with each message of the other members. */
  constructor(
    platform: Platform,
    group: string,
    onMessage: (message: TabMessage) => void,
  ) {
    const channel = this.#channel = new platform.BroadcastChannel(`halley.${group}`);
    const receive = (event: Event) => {
      const data = event instanceof MessageEvent ? event.data : undefined;
      if (isTabMessage(data)) onMessage(data.type === "leader" ? restoreUpdate(data) : data);
    };
    channel.addEventListener("message", receive);
    this.#subscription = disposable(() => channel.removeEventListener("message", receive));
  }

  post(message: TabMessage): void {
    this.#channel.postMessage(message.type === "leader" ? postableUpdate(message) : message);
  }

  [Symbol.dispose](): void {
    this.#subscription[Symbol.dispose]();
    this.#channel.close();
  }
}

/** The properties of an error that can be posted. */
export function postable(
  { code, status, detail, retryAfter, until, reason }: HalleyError,
): HalleyErrorOptions {
  return { code, status, detail, retryAfter, until, reason };
}

/** An update whose error can be posted. */
function postableUpdate(update: LeaderUpdate) {
  const { state } = update;
  if (!("problem" in state) || !state.problem) return update;
  return { ...update, state: { ...state, problem: postable(state.problem) } };
}

/** The update that was posted as `postableUpdate`. */
function restoreUpdate(update: LeaderUpdate): LeaderUpdate {
  const { state } = update;
  if (!("problem" in state) || !state.problem) return update;
  return { ...update, state: { ...state, problem: new HalleyError(state.problem) } };
}

/** Only pages of the same origin and version can post here, so most of the message is trusted. */
function isTabMessage(value: unknown): value is TabMessage {
  if (!isRecord(value) || typeof value.type !== "string") return false;
  return !isRecord(value.poll) || isPollReply(value.poll.reply);
}
