import { encode } from "../core/message.ts";
import type { PollAnswer } from "../core/polling.ts";

/** Writes the answer to a poll as JSON, of messages that were each made JSON once for all their readers. */
export function encodeAnswer(answer: PollAnswer): string {
  const { outcome, reason, cursor, messages, signals, gap, retryAfter } = answer;
  const list = messages.map((message) => encode(message).json).join(",");
  return `{"outcome":"${outcome}",` + (reason === undefined ? "" : `"reason":"${reason}",`) +
    `"cursor":${JSON.stringify(cursor)},"messages":[${list}],` +
    `"signals":${signals.length === 0 ? "[]" : JSON.stringify(signals)},` +
    `"gap":${gap},"retryAfter":${retryAfter}}`;
}
