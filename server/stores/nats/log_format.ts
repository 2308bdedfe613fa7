import { decode, type Draft, type Message } from "../../core/message.ts";

/** So many subjects are remembered. */
const KNOWN = 50_000;

/** Where in a stream a message lies, and since when. */
export interface Place {
  readonly id: number;
  /** Unix time in ms. */
  readonly at: number;
}

/** The words of a channel's address, as the last words of a subject. */
export function formatSubject(prefix: string, channel: string): string {
  const words = channel.split(":").map((word) =>
    encodeURIComponent(word).replaceAll(".", "%2E").replaceAll("*", "%2A")
  );
  return `${prefix}.${words.join(".")}`;
}

/** Which channels the messages of a stream were sent to. */
export class ChannelNames {
  readonly #prefix: string;
  readonly #known = new Map<string, string>();

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** The channel of a subject: one string for all messages of it. Empty where the subject is none of Halley's. */
  get(subject: string): string {
    let channel = this.#known.get(subject);
    if (channel !== undefined) return channel;
    channel = parseSubject(this.#prefix, subject);
    if (this.#known.size >= KNOWN) this.#known.clear();
    this.#known.set(subject, channel);
    return channel;
  }
}

function parseSubject(prefix: string, subject: string): string {
  try {
    return subject.slice(prefix.length + 1).split(".").map(decodeURIComponent).join(":");
  } catch {
    return "";
  }
}

/** What a stream keeps of a draft: its message as JSON, without the id and the time that the stream gives it. */
export function formatPayload({ key: _key, channel, from, ...body }: Draft): string {
  return JSON.stringify({ channel, ...(from && { from }), ...body });
}

/** The message of a payload at its place; `undefined` where it is none of Halley's. */
export function parsePayload(payload: string, { id, at }: Place): Message | undefined {
  if (!payload.startsWith('{"channel":"')) return undefined;
  try {
    return decode(`{"id":${id},${payload.slice(1, -1)},"at":${at}}`);
  } catch {
    return undefined;
  }
}

/** Under which id the stream knows a draft again: one per sender and key. */
export function formatKey(from: Draft["from"], key: string): string {
  return `${from?.publicToken ?? "-"} ${encodeURIComponent(key)}`;
}

/** Whether a draft says the same as a message. */
export function isSame(draft: Draft, message: Message): boolean {
  return contentOf(draft) === contentOf(message);
}

function contentOf({ channel, title, text, data }: Draft | Message): string {
  return JSON.stringify([channel, title, text, data]);
}
