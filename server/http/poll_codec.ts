import { encode } from "../core/model/message.ts";
import type { Change, Message } from "../protocol/message.ts";
import type { PollReply } from "../protocol/replies.ts";

/**
 * Writes replies to polls as JSON. Each message is encoded once, and so are consecutive replies with the same messages: a
 * message in a room wakes all readers of the room one after the other.
 */
export class PollReplyEncoder {
  #reply: PollReply | undefined;
  #json = "";
  #messages: readonly Message[] = [];
  #list = "";

  encode(reply: PollReply): string {
    if (reply !== this.#reply) {
      this.#json = this.#encode(reply);
      this.#reply = reply;
    }
    return this.#json;
  }

  #encode(reply: PollReply): string {
    const { outcome, reason, cursor, messages, changes, signals } = reply;
    const { refused, more, gap, retryAfter } = reply;
    return `{"outcome":"${outcome}",` + (reason === undefined ? "" : `"reason":"${reason}",`) +
      `"cursor":${JSON.stringify(cursor)},"messages":[${this.#encodeList(messages)}],` +
      (changes === undefined ? "" : `"changes":[${listOf(changes)}],`) +
      `"signals":${signals.length === 0 ? "[]" : JSON.stringify(signals)},` +
      (refused === undefined ? "" : `"refused":${JSON.stringify(refused)},`) +
      (more ? '"more":true,' : "") + `"gap":${gap},"retryAfter":${retryAfter}}`;
  }

  #encodeList(messages: readonly Message[]): string {
    if (messages.length === 0) return "";
    if (!areSame(messages, this.#messages)) {
      this.#list = listOf(messages);
      this.#messages = messages;
    }
    return this.#list;
  }
}

/** An empty reply after which the client polls again with the same cursor. */
export function emptyReply(cursor: string, retryAfter: number): PollReply {
  return { outcome: "timedout", cursor, messages: [], signals: [], gap: false, retryAfter };
}

function listOf(entries: readonly (Message | Change)[]): string {
  return entries.map((entry) => encode(entry).json).join(",");
}

function areSame(one: readonly Message[], other: readonly Message[]): boolean {
  if (one.length !== other.length) return false;
  for (let n = 0; n < one.length; n++) if (one[n] !== other[n]) return false;
  return true;
}
