import { encode } from "../core/model/message.ts";
import { type Message } from "../protocol/message.ts";
import type { PollReply } from "../protocol/replies.ts";

/** Writes answers to polls as JSON. */
export class AnswerEncoder {
  #messages: readonly Message[] = [];
  #list = "";

  /** Each message was made JSON once; and readers who are given the same messages share one list of them. */
  encode(answer: PollReply): string {
    const { outcome, reason, cursor, messages, signals, more, gap, retryAfter } = answer;
    return `{"outcome":"${outcome}",` + (reason === undefined ? "" : `"reason":"${reason}",`) +
      `"cursor":${JSON.stringify(cursor)},"messages":[${this.#listOf(messages)}],` +
      `"signals":${signals.length === 0 ? "[]" : JSON.stringify(signals)},` +
      (more ? '"more":true,' : "") + `"gap":${gap},"retryAfter":${retryAfter}}`;
  }

  /** Those who are woken by one message come one after the other, and have most often the same to read. */
  #listOf(messages: readonly Message[]): string {
    if (messages.length === 0) return "";
    if (!isSame(messages, this.#messages)) {
      this.#list = messages.map((message) => encode(message).json).join(",");
      this.#messages = messages;
    }
    return this.#list;
  }
}

/** The answer that says nothing but to ask again from the same place. */
export function askAgain(cursor: string, retryAfter: number): PollReply {
  return { outcome: "timedout", cursor, messages: [], signals: [], gap: false, retryAfter };
}

function isSame(one: readonly Message[], other: readonly Message[]): boolean {
  return one.length === other.length && one.every((message, n) => message === other[n]);
}
