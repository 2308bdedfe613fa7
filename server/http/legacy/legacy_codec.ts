import type { Message } from "../../protocol/message.ts";

/**
 * The format of the old comet pages: `Key:value;` after `Key:value;`. The old client splits at `;` and `:` and
 * evaluates each value between single quotes. docs/LEGACY.md has the whole of it.
 */

/** Added to an id, so that every MessageId has the same number of digits: the old client compares them as strings. */
const BASE = 1_000_000_000;

/** What would end the value, the pair or the quotation, or is no part of a JavaScript string. */
// deno-lint-ignore no-control-regex
const ESCAPED = /[:;'\\\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff]/g;

/** What an old page sends: its fields, whatever it is. */
export type LegacyFields = ReadonlyMap<string, string>;

/** What an old page wants. */
export type LegacyRequest =
  | { readonly wants: "poll"; readonly privateToken: string; readonly acknowledged: number }
  | {
    readonly wants: "send";
    readonly privateToken: string;
    /** A public token; `undefined` for the lobby. */
    readonly sendTo: string | undefined;
    readonly text: string;
  };

/** Reads the fields of a request; what is none is `undefined`. */
export function parseLegacyRequest(fields: LegacyFields): LegacyRequest | undefined {
  const privateToken = fields.get("privateToken") ?? "";
  const lastMessageId = fields.get("lastMessageId");
  const text = fields.get("message");
  if (fields.get("action") !== "send" && lastMessageId !== undefined) {
    return { wants: "poll", privateToken, acknowledged: parseMessageId(lastMessageId) };
  }
  if (text === undefined) return undefined;
  const sendTo = fields.get("sendto") ?? "";
  return {
    wants: "send",
    privateToken,
    sendTo: sendTo === "" || sendTo === "all" ? undefined : sendTo,
    text,
  };
}

/** Writes a message for an old page. */
export function formatLegacyMessage({ id, channel, from, title, text, data }: Message): string {
  return formatPairs([
    ["Name", "message"],
    ["MessageId", String(BASE + id)],
    ["From", from?.displayName ?? "System"],
    ["Message", text ?? JSON.stringify(data)],
    ["FromToken", from?.publicToken ?? ""],
    ["Channel", channel],
    ...(title === undefined ? [] : [["title", title] as const]),
  ]);
}

/** Writes that there was no message, or that the page must poll no more. */
export function formatLegacyOutcome(outcome: "timedout" | "cancelled"): string {
  return formatPairs([["Name", outcome], ["MessageId", "0"]]);
}

/** The id that a MessageId stands for; 0 for what the server never gave out, such as the first poll's 1000. */
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
