import { formatChannel } from "../../protocol/channel.ts";
import type { Message, Person, RoomEvent } from "../../protocol/message.ts";
import { isMessage } from "../model/change.ts";
import { type Draft, type Entry, ownerOfEvents } from "../model/message.ts";
import { isNotFound, Refused } from "../model/refused.ts";
import { channelFor, checkMayClaim } from "../model/rights.ts";
import type { Session } from "../model/session.ts";
import type { Appended, MessageLog } from "../model/store.ts";

/** The state of the conversation in a room. */
export interface RoomState {
  readonly claimedBy?: Person;
  readonly closedBy?: Person;
  /** The message that has made it so; absent if there was none, or if a later message has reopened the conversation. */
  readonly since?: Message;
}

/** What somebody does with the conversation in a room. */
export interface OutgoingEvent {
  readonly channel: string;
  readonly event: RoomEvent;
  readonly key?: string;
}

/** What programs show that do not know events: it follows the name of the sender. */
const TEXTS = {
  claimed: "has claimed this conversation",
  released: "has released this conversation",
  closed: "has closed this conversation",
} as const satisfies Record<RoomEvent, string>;

/** Number of events that are read at once, and of messages after a conversation was closed. */
const PORTION = 20;

/**
 * Who answers the conversation in a room, and whether it is closed. The log decides: the first claim counts until the
 * conversation is released or closed; then a message of anyone but who has closed it opens it again.
 */
export class Claims {
  readonly #log: MessageLog;

  constructor(log: MessageLog) {
    this.#log = log;
  }

  /**
   * Claims, releases or closes a conversation, and tells so in the room. Where that is so already, nothing is appended.
   * Rejects with `not_allowed`, or `already_claimed` if somebody else has claimed it.
   */
  async send(session: Session, { channel: address, event, key }: OutgoingEvent): Promise<Appended> {
    const channel = channelFor(session.publicToken, address);
    checkMayClaim(session, channel);
    const room = formatChannel(channel);
    // Another node may have appended events that this one has not received yet.
    await this.#log.newestId();
    const state = await this.stateOf(room);
    const { since } = state;
    if (event === "claimed" && isOther(state.claimedBy, session)) {
      throw alreadyClaimed(state.claimedBy);
    }
    if (since?.event === event) return { message: since, repeated: true };
    if (event === "released" && state.claimedBy === undefined) {
      throw new Refused("invalid_request", "Nobody has claimed this conversation");
    }
    const draft: Draft = { channel: room, from: session.person, text: TEXTS[event], event };
    const [appended] = await this.#log.append([key === undefined ? draft : { ...draft, key }]);
    if (appended === undefined) throw new Error("The log returned no message for a draft");
    if (event === "claimed") await this.#checkWon(appended.message, room, session);
    return appended;
  }

  /**
   * Somebody else may have claimed a conversation at the same time: the log decides, and the later claim is deleted. This is
   * also checked for a claim that comes again, which can overtake its first copy.
   */
  async #checkWon({ id, deletedAt }: Message, room: string, session: Session): Promise<void> {
    const { claimedBy, since } = await this.stateOf(room);
    if (!isOther(claimedBy, session)) return;
    const isLater = since !== undefined && since.id < id;
    if (isLater && deletedAt === undefined) await this.#delete(id, room);
    throw alreadyClaimed(claimedBy);
  }

  async #delete(id: number, room: string): Promise<void> {
    try {
      await this.#log.append([{ channel: room, changes: id }]);
    } catch (error) {
      // Another copy of the request has deleted it.
      if (!isNotFound(error)) throw error;
    }
  }

  /** The state of the conversation in a room. */
  async stateOf(room: string): Promise<RoomState> {
    let claim: Message | undefined;
    let before: number | undefined;
    for (;;) {
      const events = await this.#log.history(ownerOfEvents(room), before, PORTION);
      for (const message of events.filter(isMessage)) {
        if (message.event === "claimed") claim = message;
        else return claim ? stateAfter(claim) : await this.#stateAfter(message);
      }
      before = events.at(-1)?.id;
      if (events.length < PORTION) return claim ? stateAfter(claim) : {};
    }
  }

  /** The state after a conversation was released or closed, and not claimed since. */
  async #stateAfter(last: Message): Promise<RoomState> {
    if (last.event !== "closed") return { since: last };
    for (let after = last.id;;) {
      const { messages, hasMore } = await this.#log.read([last.channel], after, PORTION);
      if (messages.some((message) => reopens(message, last))) return {};
      if (!hasMore) return { ...(last.from && { closedBy: last.from }), since: last };
      after = messages.at(-1)?.id ?? after;
    }
  }
}

/** Whether a message after the closing of a conversation is from somebody else than who has closed it. */
function reopens({ message: changed, deletedAt, event, from }: Entry, closing: Message): boolean {
  if (changed !== undefined || deletedAt !== undefined || event !== undefined) return false;
  return from !== undefined && from.publicToken !== closing.from?.publicToken;
}

function stateAfter(claim: Message): RoomState {
  return { ...(claim.from && { claimedBy: claim.from }), since: claim };
}

/** Whether somebody has claimed a conversation, and not this session. */
function isOther(claimedBy: Person | undefined, { publicToken }: Session): claimedBy is Person {
  return claimedBy !== undefined && claimedBy.publicToken !== publicToken;
}

function alreadyClaimed({ displayName, publicToken }: Person): Refused {
  const detail = `${displayName} (${publicToken}) has claimed this conversation`;
  return new Refused("already_claimed", detail);
}
