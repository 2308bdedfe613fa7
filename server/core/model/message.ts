import type { Body, Message, Person } from "../../protocol/message.ts";

/** A message before it is appended to the log. */
export interface Draft extends Body {
  readonly channel: string;
  readonly from?: Person;
  /** Scope of the key of a system message, which has no sender. */
  readonly origin?: string;
  /** Idempotency key: a draft is appended once per sender or origin and key. */
  readonly key?: string;
}

/** A message as JSON, with its size in bytes of UTF-8. */
export interface Encoded {
  readonly json: string;
  readonly bytes: number;
}

const encoded = new WeakMap<Message, Encoded>();
const utf8 = new TextEncoder();

/** Encodes a message as JSON: once per message, however many readers it has. */
export function encode(message: Message): Encoded {
  let found = encoded.get(message);
  if (found === undefined) {
    found = encodedAs(message, JSON.stringify(message));
  }
  return found;
}

/** Decodes a message from the JSON of {@linkcode encode}, which is reused for its readers. */
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

/** The message that a draft becomes when it is appended. */
export function messageOf(draft: Draft, id: number, at: number): Message {
  const { key: _key, origin: _origin, channel, from, ...body } = draft;
  return { id, channel, ...(from && { from }), ...body, at };
}

/** The scope of a draft's key: its sender, or its origin. Neither can look like the other. */
export function keyScopeOf({ from, origin = "" }: Draft): string {
  return from?.publicToken ?? origin;
}
