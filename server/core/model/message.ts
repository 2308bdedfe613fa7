import type { Body, Message, Person } from "../../protocol/message.ts";

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
