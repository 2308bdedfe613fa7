/** Any value that JSON can represent. */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json };

/** A person or program as others see it. */
export interface Person {
  /** The address of this session, known to others. */
  readonly publicToken: string;
  readonly displayName: string;
  /** The application's id of this user. Only API keys and webhooks get it. */
  readonly userId?: string;
  /** The URL of a picture, from a token of the application. */
  readonly picture?: string;
}

/** The content of a message: either `text`, or any JSON value as `data`, unless the message has files. */
export interface Body {
  /** Only system messages can have a title. */
  readonly title?: string;
  /** Either this or `data`. */
  readonly text?: string;
  /** Either this or `text`. */
  readonly data?: Json;
  /** The public tokens of the people whom the text mentions. */
  readonly mentions?: readonly string[];
}

/** A name under which a back end publishes. It has no public token: it is no session, and looks like none. */
export interface Speaker {
  readonly displayName: string;
  /** The address of a picture. */
  readonly picture?: string;
}

/** What happens to the conversation in a room: somebody answers it, does so no longer, or has ended it. */
export type RoomEvent = (typeof ROOM_EVENTS)[number];

export const ROOM_EVENTS = ["claimed", "released", "closed"] as const;

/** An emoji that people have reacted to a message with. */
export interface Reaction {
  readonly emoji: string;
  /** Their public tokens, in the order in which they reacted. */
  readonly by: readonly string[];
}

/** A file of a message. Its content is at `GET /api/files/:id`. */
export interface MessageFile {
  readonly id: string;
  /** As its sender has named it, without a path. */
  readonly name: string;
  /** What the server has found in its content: the media type of a picture that pages can show, otherwise that of a download. */
  readonly type: string;
  /** In bytes, as it is stored. */
  readonly size: number;
  /** In pixels; only of pictures. */
  readonly width?: number;
  /** In pixels; only of pictures. */
  readonly height?: number;
  /** Whether there is a small picture of it, at `GET /api/files/:id/thumbnail`; otherwise absent. */
  readonly thumbnail?: true;
}

/** A message in the log. */
export interface Message extends Body {
  /** Position in the log; later messages have larger ids. It stays when the message is edited. */
  readonly id: number;
  /** `room:<name>`, `direct:<publicToken>:<publicToken>`, `notice` or `notice:<publicToken>`. */
  readonly channel: string;
  /** The sender; absent from notices, which come from the system. */
  readonly from?: Person;
  /** Of a message from the system: the name under which the back end has published it. */
  readonly as?: Speaker;
  /** What its sender does with the conversation in the room. The text says the same, for programs that do not know this. */
  readonly event?: RoomEvent;
  /** The id of the message of the same channel that it replies to. */
  readonly replyTo?: number;
  /** Its files, if it has any. Edits keep them. */
  readonly files?: readonly MessageFile[];
  /** The reactions to it, in the order of the first one with each emoji; absent if it has none. */
  readonly reactions?: readonly Reaction[];
  /** Time of the append: Unix time in ms. */
  readonly at: number;
  /** When its content was last edited: Unix time in ms; absent if it never was. */
  readonly editedAt?: number;
  /** When it was deleted: Unix time in ms. Then it has no content. Absent if it was not. */
  readonly deletedAt?: number;
}

/** A message was edited or deleted, or somebody has reacted to it. */
export interface Change {
  /** Position in the log, among the ids of messages. */
  readonly id: number;
  /** The message as it is now; with `deletedAt` if it is gone. */
  readonly message: Message;
  /** The channel of the message. */
  readonly channel: string;
  /** Time of the change: Unix time in ms. */
  readonly at: number;
}
