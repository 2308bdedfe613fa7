import { createHash } from "node:crypto";
import { type Topic, topicsOf } from "../../core/channel.ts";
import { decode, type Draft, encode, type Message } from "../../core/message.ts";
import type { Entry } from "./kv_weight.ts";

/** How far the log reaches. Every append checks it, and so do all its commits. */
export interface Head {
  /** The id of the newest message: what lies beyond is not there for anybody. */
  readonly newest: number;
  /** A large append that is decided and is being written beyond the newest. */
  readonly pending?: Pending;
}

/** An append that takes several commits. Its drafts lie staged; whoever sees it writes the messages and moves the head. */
export interface Pending {
  readonly name: string;
  readonly parts: number;
  /** The drafts, by index, that had been appended before. */
  readonly repeated: readonly number[];
  /** The time of the messages (Unix, ms). */
  readonly at: number;
  readonly keyAge: number;
}

/** What is kept of an idempotency key. */
export interface KeyRecord {
  readonly id: number;
  readonly digest: string;
  /** Unix time in ms. */
  readonly at: number;
}

/** A draft and what it has become. */
export interface Writing {
  readonly draft: Draft;
  readonly message: Message;
}

export const HEAD = ["meta", "head"] as const;

/** Messages up to the id here are kept no longer. */
export const TRIMMED = ["meta", "trimmed"] as const;

const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder();

export function messageKey(id: number): Deno.KvKey {
  return ["messages", id];
}

export function filingKey(topic: Topic, id: number): Deno.KvKey {
  return ["filings", topic, id];
}

export function keyKey(draft: Draft): Deno.KvKey {
  return ["keys", draft.from?.publicToken ?? "", draft.key ?? ""];
}

export function stagedKey(name: string, part: number): Deno.KvKey {
  return ["staged", name, part];
}

/** All that is written of a message: itself, where it is found, and its key, which counts for `keyAge` ms. */
export function entriesOf({ draft, message }: Writing, keyAge: number): readonly Entry[] {
  const { id, channel, at } = message;
  const entries: Entry[] = [
    { key: messageKey(id), value: utf8.encode(encode(message).json) },
    ...topicsOf(channel).map((topic) => ({ key: filingKey(topic, id), value: null })),
  ];
  if (draft.key !== undefined) {
    const record: KeyRecord = { id, digest: digestOf(draft), at };
    entries.push({ key: keyKey(draft), value: record, expireIn: Math.max(1, keyAge) });
  }
  return entries;
}

/** Reads a message back from the value under its key. */
export function messageFrom(value: Uint8Array): Message {
  return decode(fromUtf8.decode(value));
}

/** Tells apart what may be sent with one key. */
export function digestOf({ channel, title, text, data }: Draft): string {
  const content = JSON.stringify([channel, title, text, data]);
  return createHash("sha256").update(content).digest("base64url");
}
