import type { Message } from "../../protocol/message.ts";

/**
 * The format of the legacy pages: `Key:value;` pairs. The page splits the text at `;` and `:` and evaluates each value
 * inside single quotes. docs/LEGACY.md describes the whole format.
 *
 * @module
 */

/**
 * Added to a message id to make a MessageId. All MessageIds have the same number of digits, since pages compare them as
 * strings.
 */
const BASE = 1_000_000_000;

/** Characters that would end the value, the pair or the string literal, or that cannot be part of one. */
// deno-lint-ignore no-control-regex
const ESCAPED = /[:;'\\\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff]/g;

/** The form fields of a request by name. */
export type LegacyFields = ReadonlyMap<string, string>;

export interface LegacyPoll {
  readonly kind: "poll";
  readonly privateToken: string;
  /** The id of the last message that the page has; 0 if it names none. */
  readonly lastId: number;
}

export interface LegacySend {
  readonly kind: "send";
  readonly privateToken: string;
  /** The recipient's public token; `undefined` for the home room. */
  readonly sendTo: string | undefined;
  readonly text: string;
}

/** Reads the fields of a request. Returns `undefined` if they are neither a poll nor a send. */
export function parseLegacyRequest(fields: LegacyFields): LegacyPoll | LegacySend | undefined {
  const privateToken = fields.get("privateToken") ?? "";
  const lastMessageId = fields.get("lastMessageId");
  const text = fields.get("message");
  if (fields.get("action") !== "send" && lastMessageId !== undefined) {
    return { kind: "poll", privateToken, lastId: parseMessageId(lastMessageId) };
  }
  if (text === undefined) return undefined;
  const sendTo = fields.get("sendto") ?? "";
  return {
    kind: "send",
    privateToken,
    sendTo: sendTo === "" || sendTo === "all" ? undefined : sendTo,
    text,
  };
}

/** Writes the reply that contains a message. */
export function formatLegacyMessage(message: Message): string {
  const { id, channel, from, as, title, text, files, data = { files } } = message;
  return formatPairs([
    ["Name", "message"],
    ["MessageId", String(BASE + id)],
    // The page cannot mark a name, which could be that of a person.
    ["From", from?.displayName ?? (as ? `${as.displayName} (System)` : "System")],
    ["Message", text ?? JSON.stringify(data)],
    ["FromToken", from?.publicToken ?? ""],
    ["Channel", channel],
    ...(title === undefined ? [] : [["title", title] as const]),
  ]);
}

/** Writes the reply that there was no message, or that the page must stop polling. */
export function formatLegacyOutcome(outcome: "timedout" | "cancelled"): string {
  return formatPairs([["Name", outcome], ["MessageId", "0"]]);
}

/** Reads the id from a MessageId. Returns 0 for anything that is not a valid MessageId, such as the 1000 of a first poll. */
function parseMessageId(word: string): number {
  return /^[0-9]{10,15}$/.test(word) ? Math.max(0, Number(word) - BASE) : 0;
}

function formatPairs(pairs: readonly (readonly [key: string, value: string])[]): string {
  return pairs.map(([key, value]) => `${key}:${escape(value)};`).join("");
}

function escape(value: string): string {
  return value.replace(
    ESCAPED,
    (character) => "\\u" + character.charCodeAt(0).toString(16).padStart(4, "0"),
  );
}
