import { isPollReply, isRecord } from "../../../server/protocol/guards.ts";
import type { ConnectionState, StopReason } from "../connection_state.ts";
import { disposable } from "../dispose.ts";
import { HalleyError, type Turndown } from "../halley_error.ts";
import type { Asking } from "../poll_loop.ts";
import type { PollReply } from "../../../server/protocol/replies.ts";
import type { PollRequest } from "../../../server/protocol/requests.ts";

/** A member says that it is there, and what it wants to read. The leader answers. */
export interface Here {
  readonly type: "here";
  readonly from: string;
  readonly channels: readonly string[];
  readonly presence: PollRequest["state"];
}

/** A member leaves. */
export interface Bye {
  readonly type: "bye";
  readonly from: string;
}

/** The leader says how things stand, and what has come. */
export interface Lead {
  readonly type: "lead";
  readonly state: ConnectionState;
  /** Its place in the log. */
  readonly cursor: string | undefined;
  /** Whether there was nothing more after that place when the server was last asked. */
  readonly isCurrent: boolean;
  /** It does not know yet who is there. */
  readonly isNew: boolean;
  /** What has led it to this place. */
  readonly news?: { readonly reply: PollReply; readonly asking: Asking };
}

/** Somebody wants the leader not to wait any longer. */
export interface Hurry {
  readonly type: "hurry";
}

/** Nobody is to poll any more. */
export interface Halt {
  readonly type: "halt";
  readonly reason: StopReason;
  readonly problem?: Turndown;
}

/** What the members of a group tell each other. */
export type Word = Here | Bye | Lead | Hurry | Halt;

/** The channel between the members. Words may be lost, late or in another order: nothing depends on it but speed. */
export class TabChannel implements Disposable {
  readonly #channel: BroadcastChannel;
  readonly #ears: Disposable;

  /** Joins the talk of a group; `onWord` hears what others say. */
  constructor(group: string, onWord: (word: Word) => void) {
    // The name has a number, so that pages with other versions of this library form groups of their own.
    const channel = this.#channel = new BroadcastChannel(`halley.1.${group}`);
    const hear = ({ data }: MessageEvent<unknown>) => isWord(data) && onWord(data);
    channel.addEventListener("message", hear);
    this.#ears = disposable(() => channel.removeEventListener("message", hear));
  }

  say(word: Word): void {
    this.#channel.postMessage(word);
  }

  [Symbol.dispose](): void {
    this.#ears[Symbol.dispose]();
    this.#channel.close();
  }
}

/** What a channel can carry of an error. */
export function turndownOf(error: HalleyError): Turndown {
  const { code, status, detail, retryAfter } = error;
  return { code, status, detail, retryAfter };
}

/** Only pages of this origin can speak here, and only of this version: what they say is not doubted further. */
function isWord(value: unknown): value is Word {
  if (!isRecord(value) || typeof value.type !== "string") return false;
  return !isRecord(value.news) || isPollReply(value.news.reply);
}
