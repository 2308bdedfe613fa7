import type { Topic } from "../../core/channel.ts";
import { type Draft, type Message, messageOf } from "../../core/message.ts";
import { Refused } from "../../core/refusal.ts";
import { steadyNow } from "../../core/steady_time.ts";
import type { Appended, MessageLog, Page, Retention } from "../../core/store.ts";
import { ChannelNames, formatKey, isSame, parsePayload } from "./log_format.ts";
import { LogFollowers, type OnAppended, type Stretch } from "./log_followers.ts";
import { LogIndex } from "./log_index.ts";
import { LogPublisher } from "./log_publisher.ts";
import type { NatsLink } from "./nats_link.ts";
import { RECENT, RecentMessages } from "./recent_messages.ts";
import { StreamFollower, type StreamMessage } from "./stream_follower.ts";

/** So many messages are removed in one step of trimming. */
const STEP = 500;

/** So many messages are fetched at once for a follower that starts in the past. */
const FOLLOW_PAGE = 500;

/** What a log is opened with. */
export interface NatsLogOptions {
  readonly stream: string;
  /** When the stream was made. */
  readonly created: string;
  readonly epoch: string;
  /** How each of its subjects begins. */
  readonly prefix: string;
  /** The ids of the first and the last message that the stream keeps. */
  readonly first: number;
  readonly last: number;
  /** For how long a key counts, in ms, until trimming says otherwise. */
  readonly keyAge: number;
}

/**
 * The log in a JetStream stream, whose sequence is the id. Every node follows the whole stream, and knows in memory
 * what is filed where; bodies that it does not have any more are fetched by id.
 *
 * Several drafts are checked first and then published one after the other. When NATS is lost in the middle, some of
 * them may be there though the append was refused: those who give each draft a key can repeat the whole.
 */
export class NatsLog implements MessageLog, Disposable {
  readonly epoch: string;
  readonly #link: NatsLink;
  readonly #options: NatsLogOptions;
  readonly #index: LogIndex;
  readonly #channels: ChannelNames;
  readonly #recent = new RecentMessages();
  readonly #followers = new LogFollowers((id) => this.#readAfter(id));
  readonly #stream: StreamFollower;
  readonly #publisher: LogPublisher;
  #keyAge: number;

  /** Opens a log, and waits until all of it is filed. */
  static async open(link: NatsLink, options: NatsLogOptions): Promise<NatsLog> {
    const log = new NatsLog(link, options);
    try {
      await log.#load();
      return log;
    } catch (error) {
      log[Symbol.dispose]();
      throw error;
    }
  }

  private constructor(link: NatsLink, options: NatsLogOptions) {
    const { stream, created, first, last } = options;
    this.#link = link;
    this.#options = options;
    this.epoch = options.epoch;
    this.#keyAge = options.keyAge;
    this.#channels = new ChannelNames(options.prefix);
    this.#publisher = new LogPublisher(link, options.prefix);
    // An empty stream may have a past.
    const after = first > last ? last : Math.max(0, first - 1);
    this.#index = new LogIndex(after);
    const onMessages = (messages: readonly StreamMessage[]) => this.#take(messages);
    this.#stream = new StreamFollower(link, { stream, created, after, onMessages });
  }

  async append(drafts: readonly Draft[]): Promise<readonly Appended[]> {
    this.#stream.checkPast();
    this.#publisher.checkRoom(drafts.length);
    // What has no key that is known here is published in this turn: that keeps the order of the appends.
    const known = drafts.some((draft) => this.#knownId(draft) !== undefined)
      ? await Promise.all(drafts.map((draft) => this.#known(draft)))
      : [];
    return await allOf(drafts.map((draft, n) => known[n] ?? this.#publish(draft)));
  }

  async read(topics: readonly Topic[], after: number, limit: number): Promise<Page> {
    await this.#stream.catchUp();
    const ids = this.#index.after(topics, after, limit + 1);
    const { trimmed } = this.#index;
    const messages = await this.#messages(ids.slice(0, limit));
    return { messages, more: ids.length > limit, trimmed };
  }

  async history(
    topic: Topic,
    before: number | undefined,
    limit: number,
  ): Promise<readonly Message[]> {
    await this.#stream.catchUp();
    return this.#messages(this.#index.before(topic, before ?? Number.MAX_SAFE_INTEGER, limit));
  }

  async at(id: number): Promise<Message | undefined> {
    if (id > this.#index.newest) await this.#stream.catchUp();
    return id > this.#index.trimmed && id <= this.#index.newest ? this.#message(id) : undefined;
  }

  async newest(): Promise<number> {
    await this.#stream.catchUp();
    return this.#index.newest;
  }

  follow(after: number, onAppended: OnAppended): Disposable {
    return this.#followers.add(after, onAppended);
  }

  async trim({ messages, age, keyAge }: Retention): Promise<boolean> {
    this.#keyAge = keyAge;
    const now = steadyNow();
    const isMore = this.#index.trim({ messages, time: now - age, limit: STEP });
    // What is read no longer stays in the stream as long as its key counts.
    const last = this.#index.purgeable(now - keyAge);
    if (last > this.#index.purged) {
      const { stream } = this.#options;
      await this.#link.ask(() => this.#link.manager.streams.purge(stream, { seq: last + 1 }));
      this.#index.notePurged(last);
    }
    return isMore;
  }

  [Symbol.dispose](): void {
    this.#followers[Symbol.dispose]();
    this.#stream[Symbol.dispose]();
  }

  /** A long log takes its time: as long as it moves on, it is waited for. */
  async #load(): Promise<void> {
    const { last } = this.#options;
    for (let [place, standstills] = [-1, 0]; this.#stream.place < last;) {
      standstills = this.#stream.place === place ? standstills + 1 : 0;
      if (standstills === 3) throw new Error("the log cannot be read");
      place = this.#stream.place;
      await this.#stream.reaches(last);
    }
  }

  #take(messages: readonly StreamMessage[]): void {
    const { last } = this.#options;
    const taken: Message[] = [];
    for (const { sequence: id, at, msg } of messages) {
      this.#index.add(id, this.#channels.get(msg.subject), at);
      // Of a long past only the newest part is looked at more closely.
      if (id > last - RECENT.keys) {
        const key = msg.headers?.get("Nats-Msg-Id") ?? "";
        if (key !== "") this.#recent.addKey(key, id);
      }
      const message = id > last - RECENT.messages && parsePayload(msg.string(), { id, at });
      if (!message) continue;
      this.#recent.add(message);
      taken.push(message);
    }
    if (taken.length > 0) this.#followers.tell(taken);
  }

  #knownId({ from, key }: Draft): number | undefined {
    return key === undefined ? undefined : this.#recent.findKey(formatKey(from, key));
  }

  #known(draft: Draft): Promise<Appended | undefined> | undefined {
    const id = this.#knownId(draft);
    return id === undefined ? undefined : this.#repetition(draft, id);
  }

  async #publish(draft: Draft): Promise<Appended> {
    // Without a key of its own a draft gets one for this append, so that it may be tried twice.
    const key = formatKey(draft.from, draft.key ?? crypto.randomUUID());
    for (let used = key;;) {
      const { seq, duplicate } = await this.#publisher.publish(draft, used);
      if (!duplicate) return { message: await this.#arrived(draft, seq), repeated: false };
      const appended = await this.#repetition(draft, seq);
      if (appended !== undefined) return appended;
      // The key's time is over, by what trimming was told last: from now on it is another one.
      used = `${key} ${seq}`;
    }
  }

  /** The message that a draft's key stands for. Refuses when it says something else. */
  async #repetition(draft: Draft, id: number): Promise<Appended | undefined> {
    const message = await this.#message(id);
    if (message === undefined || message.at < steadyNow() - this.#keyAge) return undefined;
    if (isSame(draft, message)) return { message, repeated: draft.key !== undefined };
    throw new Refused("key_reused", `The key "${draft.key}" was used for another message`);
  }

  /** What was appended is told to this node's followers first. */
  async #arrived(draft: Draft, id: number): Promise<Message> {
    await this.#stream.reaches(id);
    return this.#recent.get(id) ?? await this.#message(id).catch(() => undefined) ??
      messageOf(draft, id, Date.now());
  }

  async #messages(ids: readonly number[]): Promise<readonly Message[]> {
    const messages = await Promise.all(ids.map((id) => this.#recent.get(id) ?? this.#message(id)));
    return messages.filter((message) => message !== undefined);
  }

  async #message(id: number): Promise<Message | undefined> {
    const recent = this.#recent.get(id);
    if (recent !== undefined) return recent;
    const { streams } = this.#link.manager;
    const stored = await this.#link.ask(() =>
      streams.getMessage(this.#options.stream, { seq: id })
    );
    return stored === null
      ? undefined
      : parsePayload(stored.string(), { id, at: Date.parse(stored.timestamp) });
  }

  #readAfter(id: number): Stretch | Promise<Stretch> {
    const { newest, trimmed } = this.#index;
    const after = Math.max(id, trimmed);
    const upTo = Math.max(id, Math.min(after + FOLLOW_PAGE, newest));
    const ids = Array.from({ length: Math.max(0, upTo - after) }, (_, n) => after + n + 1);
    const recent = ids.map((id) => this.#recent.get(id)).filter((found) => found !== undefined);
    if (recent.length === ids.length) return { messages: recent, upTo };
    return this.#messages(ids).then((messages) => ({ messages, upTo }));
  }
}

/** All results, once all have come; else the first failure. What was asked for is never left running unseen. */
async function allOf<T>(promises: readonly (T | Promise<T>)[]): Promise<readonly T[]> {
  const results = await Promise.allSettled(promises);
  return results.map((result) => {
    if (result.status === "rejected") throw result.reason;
    return result.value;
  });
}
