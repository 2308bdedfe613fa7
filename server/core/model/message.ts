/** Any value that JSON can carry. */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json };

/** A person or a program, as the others see it. */
export interface Person {
  /** What others address it by. */
  readonly publicToken: string;
  readonly displayName: string;
}

/** What a message says: `text`, or any JSON as `data`. */
export interface Body {
  /** Messages of the system may have one. */
  readonly title?: string;
  /** Either this or `data`. */
  readonly text?: string;
  /** Either this or `text`. */
  readonly data?: Json;
}

/** A delivered message; immutable. */
export interface Message extends Body {
  /** Its place in the log: larger is later. */
  readonly id: number;
  /** `room:<name>`, `direct:<publicToken>:<publicToken>`, `notice` or `notice:<publicToken>`. */
  readonly channel: string;
  /** Absent from a notice, which comes from the system. */
  readonly from?: Person;
  /** When it was appended: Unix time in milliseconds. */
  readonly at: number;
}

/** A message that has not been appended yet. */
export interface Draft extends Body {
  readonly channel: string;
  readonly from?: Person;
  /** Whose keys count apart, where nobody sends it. */
  readonly origin?: string;
  /** Appended once per sender or origin and key, however often it comes. */
  readonly key?: string;
}

/** A message as JSON text, and that text's length in UTF-8 bytes. */
export interface Encoded {
  readonly json: string;
  readonly bytes: number;
}

const encoded = new WeakMap<Message, Encoded>();
const utf8 = new TextEncoder();

/** The message as JSON. Worked out once per message, however many readers it has. */
export function encode(message: Message): Encoded {
  let found = encoded.get(message);
  if (found === undefined) {
    found = encodedAs(message, JSON.stringify(message));
  }
  return found;
}

/** Reads a message back from the JSON that {@linkcode encode} gave, and keeps that JSON for its readers. */
export function decode(json: string): Message {
  const message: Message = JSON.parse(json);
  encodedAs(message, json);
  return message;
}

function encodedAs(message: Message, json: string): Encoded {
  const result = { json, bytes: utf8.encode(json).length };
  encoded.set(message, result);
  return result;
}

/** Makes the message that a draft becomes when it is appended at a place and a time. */
export function messageOf(draft: Draft, id: number, at: number): Message {
  const { key: _key, origin: _origin, channel, from, ...body } = draft;
  return { id, channel, ...(from && { from }), ...body, at };
}

/** Whose keys a draft's key is one of. No public token looks like an origin. */
export function keeperOf({ from, origin = "" }: Draft): string {
  return from?.publicToken ?? origin;
}
