import type {
  Body,
  Change,
  Message,
  MessageFile,
  Person,
  RoomEvent,
  Speaker,
} from "../../protocol/message.ts";
import { patternsOf } from "../../protocol/room_pattern.ts";
import type { Signal } from "../../protocol/signal.ts";
import type { ReactionDraft } from "../../protocol/reactions.ts";

/** A message before it is appended to the log. */
export interface Draft extends Body {
  readonly channel: string;
  readonly from?: Person;
  readonly as?: Speaker;
  readonly event?: RoomEvent;
  /** The id of the message that it replies to. */
  readonly replyTo?: number;
  /** Its files. Only their ids are part of the content that a key belongs to. */
  readonly files?: readonly MessageFile[];
  /** Scope of the key of a system message, which has no sender. */
  readonly origin?: string;
  /** Idempotency key: a draft is appended once per sender or origin and key. */
  readonly key?: string;
  /** It is appended by no means: whatever its key was used for before is returned, otherwise it is refused as `not_found`. */
  readonly repeats?: true;
  /**
   * The id of an earlier message of the channel that the draft changes: with a body, it becomes the message's content;
   * without one, the message is deleted. Such a draft has no key.
   */
  readonly changes?: number;
  /** With `changes` and no body: who reacts to the message, or takes that back. Its content stays. */
  readonly reacts?: ReactionDraft;
  /** With `changes` and no body: the deleted message keeps no sender either, also if it was deleted before. */
  readonly erases?: true;
}

/** An entry of the log: a message or, if it has a `message`, the change of an earlier one (a `Change`). */
export interface Entry extends Message {
  readonly message?: Message;
}

/** A message as JSON, with its size in bytes of UTF-8. */
export interface Encoded {
  readonly json: string;
  readonly bytes: number;
}

const utf8 = new TextEncoder();

// deno-lint-ignore no-control-regex
const ASCII = /^[\x00-\x7f]*$/;

/** Encodes a message or a change as JSON: once, however many readers it has. */
export function encode(message: Message | Change): Encoded {
  const found = WithJson.of(message);
  if (found !== undefined) return found;
  const encoded = encodedAs(JSON.stringify(message));
  WithJson.set(message, encoded);
  return encoded;
}

/** Decodes an entry from the JSON of {@linkcode encode}, which is reused for its readers. */
export function decode(json: string): Entry {
  return remember(JSON.parse(json), encodedAs(json));
}

/** Returns the message. {@linkcode encode} will return this JSON. */
export function remember<T extends Message>(message: T, json: Encoded): T {
  WithJson.set(message, json);
  return message;
}

/** Its constructor returns another object: only so can a derived class add its private fields to an object that exists. */
class Existing {
  constructor(object: object) {
    return object;
  }
}

/**
 * A message with its JSON in a private field: a copy of the message does not have it, and nothing else shows it. A `WeakMap`
 * would do the same, but a tenth of the time to append a message was for its entry there.
 */
class WithJson extends Existing {
  #encoded: Encoded;

  private constructor(message: Message | Change, encoded: Encoded) {
    super(message);
    this.#encoded = encoded;
  }

  static of(message: Message | Change): Encoded | undefined {
    return #encoded in message ? message.#encoded : undefined;
  }

  static set(message: Message | Change, encoded: Encoded): void {
    if (#encoded in message) message.#encoded = encoded;
    else new WithJson(message, encoded);
  }
}

/** The size of a JSON text in bytes of UTF-8. */
export function bytesOf(json: string): number {
  // Most texts are ASCII, for which this is several times as fast.
  return ASCII.test(json) ? json.length : utf8.encode(json).length;
}

/** Adds its size to a JSON text. */
export function encodedAs(json: string): Encoded {
  return { json, bytes: bytesOf(json) };
}

/** The message that a draft becomes when it is appended; for a draft that changes another message, see `changeFrom`. */
export function messageOf(draft: Draft, id: number, at: number): Message {
  const {
    channel,
    from,
    key: _key,
    origin: _origin,
    changes: _changes,
    repeats: _repeats,
    ...body
  } = draft;
  return { id, channel, ...(from && { from }), ...body, at };
}

/** The scope of a draft's key: its sender, or its origin. Neither can look like the other. */
export function keyScopeOf({ from, origin = "" }: Draft): string {
  return from?.publicToken ?? origin;
}

/** An index key of the log: readers find their messages by topic. */
export type Topic = string;

/**
 * The topics of the messages in a channel: the channel itself, the patterns that a room is found by, and the inbox of each
 * session that a channel belongs to.
 */
export function topicsOf(address: string): readonly Topic[] {
  // Most messages are in rooms, and splitting takes several µs.
  if (address.startsWith("room:")) return topicsOfRoom(address);
  const [kind, first, second] = address.split(":");
  if (kind === "direct" && first !== undefined && second !== undefined) {
    return first === second
      ? [address, inboxOf(first)]
      : [address, inboxOf(first), inboxOf(second)];
  }
  if (kind === "notice" && first !== undefined) return [address, inboxOf(first)];
  return [address];
}

/** The topics of the rooms with patterns that had messages lately: they are asked for several times for each message. */
const roomTopics = new Map<string, readonly Topic[]>();
const MAX_ROOM_TOPICS = 20_000;

function topicsOfRoom(room: string): readonly Topic[] {
  const known = roomTopics.get(room);
  if (known !== undefined) return known;
  const patterns = patternsOf(room);
  if (patterns.length === 0) return [room];
  const topics = [room, ...patterns];
  if (roomTopics.size >= MAX_ROOM_TOPICS) roomTopics.clear();
  roomTopics.set(room, topics);
  return topics;
}

/** The owner of the changes in a channel, and of the events in it. */
const CHANGES = "changes:";
const EVENTS = "events:";

/**
 * Whose share of a log an entry takes: its sender's if it is a direct message, otherwise its channel's. One who writes to
 * many people then pushes out only their own messages, however few each conversation has. Changes have shares of their own,
 * so that they push out no messages, and so have events, because they are found by it.
 */
export function ownerOf({ channel, from, message, event }: Owned): Topic {
  if (message !== undefined) return ownerOfChanges(channel);
  if (event !== undefined) return ownerOfEvents(channel);
  return from !== undefined && channel.startsWith("direct:") ? `sent:${from.publicToken}` : channel;
}

/** Whose share the changes in a channel take. */
export function ownerOfChanges(channel: string): Topic {
  return `${CHANGES}${channel}`;
}

/** Whose share the events in a room take. They are stored under it. */
export function ownerOfEvents(room: string): Topic {
  return `${EVENTS}${room}`;
}

/** What the owner of an entry depends on. */
type Owned = Pick<Entry, "channel" | "from" | "message" | "event">;

/** What an entry is stored under: its topics, and its owner. */
export function indexKeysOf(entry: Owned): readonly Topic[] {
  return indexKeys(entry.channel, ownerOf(entry));
}

/** What the entries of an owner in a channel are stored under. */
export function indexKeys(channel: string, owner: Topic): readonly Topic[] {
  const topics = topicsOf(channel);
  return topics.includes(owner) ? topics : [...topics, owner];
}

/**
 * Entries with bounds of their own: messages for single sessions (direct messages, and notices to one session), other
 * messages, and changes.
 */
export type Kind = "private" | "rooms" | "changes";

export const KINDS: readonly Kind[] = ["rooms", "private", "changes"];

/** The kind of an owner's entries. */
export function kindOf(owner: Topic): Kind {
  if (owner.startsWith(CHANGES)) return "changes";
  const isRooms = owner.startsWith("room:") || owner.startsWith(EVENTS) || owner === "notice";
  return isRooms ? "rooms" : "private";
}

/** The topic of all messages for one session alone. */
export function inboxOf(publicToken: string): Topic {
  return `inbox:${publicToken}`;
}

/** The topics of all messages for a session that reads these rooms, and notices to everyone unless `notices` is false. */
export function topicsFor(
  publicToken: string,
  rooms: readonly string[],
  notices = true,
): readonly Topic[] {
  const inbox = inboxOf(publicToken);
  // Kept for each tab: an array that is built by spreading would have room for 16 more items.
  return (notices ? [inbox, "notice"] : [inbox]).concat(rooms);
}

/** Whether a channel has notices: those to everyone, or those to one session. */
export function isNoticeChannel(address: string): boolean {
  return address === "notice" || address.startsWith("notice:");
}

/**
 * The topics of a signal. Read markers in rooms, closed conversations, settings and new names concern only the session itself, as does
 * any signal that is its `own`.
 */
export function topicsOfSignal({ type, channel, from }: Signal, own = false): readonly Topic[] {
  const isOwn = own || OWN_SIGNALS.has(type) ||
    type === "read" && !channel.startsWith("direct:");
  return isOwn ? [inboxOf(from.publicToken)] : topicsOf(channel);
}

const OWN_SIGNALS: ReadonlySet<Signal["type"]> = new Set(["closed", "settings", "renamed"]);

/** Whether a signal is also meant for the other tabs of its own session. */
export function isForOwnTabs({ type }: Signal): boolean {
  return type === "read" || OWN_SIGNALS.has(type);
}
