import { SeenMessages } from "./seen_messages.ts";
import type {
  ChangeOptions,
  CometClientOptions,
  CometEvents,
  HistoryOptions,
} from "./client_options.ts";
import { isNothing, isRoomsReply, isSessionReply } from "../../server/protocol/guards.ts";
import type { HalleyError } from "./halley_error.ts";
import { openReader } from "./open_reader.ts";
import type { OnPlatform, Platform } from "./platform.ts";
import type { ConnectionState } from "./connection_state.ts";
import { Delays } from "./delays.ts";
import { LinkedAbortController } from "./abort.ts";
import type { Message } from "../../server/protocol/message.ts";
import { Api, type ApiRequest } from "./api.ts";
import { sendChange, type SendOptions, sendUntilAnswered } from "./send.ts";
import { Emitter } from "./emitter.ts";
import { randomKeyFrom } from "./random_key.ts";
import type { Reader, Update } from "./reader.ts";
import { NOTICES, readingOf, Rooms } from "./rooms.ts";
import type {
  ConversationRequest,
  EditRequest,
  SendRequest,
  SignalRequest,
} from "../../server/protocol/requests.ts";
import type {
  ConversationsReply,
  HistoryReply,
  PresenceReply,
  RefusedChannel,
  RoomListReply,
  RoomsReply,
  ServerSettings,
  SessionReply,
  Transfer,
} from "../../server/protocol/replies.ts";
import * as requests from "./api_requests.ts";

/**
 * Reads and sends messages by HTTP long polling. Delivers each message once, in order, despite lost replies, sleeping
 * computers and restarts of the server. If messages may have been deleted before they were read, it emits `gap`.
 *
 * Requests throw `HalleyError` if the server rejects them. `send` is repeated until the server replies.
 */
export class CometClient implements Disposable {
  readonly #api: Api;
  readonly #events = new Emitter<CometEvents>();
  readonly #platform: Platform;
  readonly #delays: Delays;
  readonly #seen = new SeenMessages();
  readonly #end = new AbortController();
  readonly #rooms: Rooms;
  readonly #reader: Reader;
  #settings: Promise<ServerSettings> | undefined;

  constructor(options: CometClientOptions) {
    const { platform = globalThis }: typeof options & OnPlatform = options;
    const { url, privateToken, getToken, fetch, channels = [], cursor, hold, settings } = options;
    // The poll in progress has the token of the first user: its reply must not be delivered.
    const onOtherUser = (error: HalleyError) => this.#reader.stop("other_user", error);
    this.#platform = platform;
    this.#delays = new Delays(platform);
    this.#api = new Api({ url, privateToken, getToken, fetch, onOtherUser }, platform);
    this.#rooms = new Rooms(options.notices === false ? channels : [...channels, NOTICES]);
    this.#settings = settings && Promise.resolve(settings);
    this.#reader = openReader(options, {
      platform,
      api: this.#api,
      delays: this.#delays,
      cursor,
      hold,
      settings: () => this.settings(),
      channels: () => this.#rooms.named,
      onPolled: (channels, refused) => this.#applyAnswer(channels, refused),
      onUpdate: (update) => this.#deliver(update),
      onCursor: (cursor) => this.#events.emit("cursor", cursor),
      onState: (state) => this.#onState(state),
    });
  }

  get state(): ConnectionState {
    return this.#reader.state;
  }

  /** Everything up to this cursor has been delivered. Undefined before the first poll is answered. */
  get cursor(): string | undefined {
    return this.#reader.cursor;
  }

  /** The rooms that this client reads, without those that it may not read. */
  get channels(): readonly string[] {
    return readingOf(this.#rooms.named).channels ?? [];
  }

  /** Calls `listener` with each event of that name, until the subscription is disposed. */
  on<Name extends keyof CometEvents>(
    name: Name,
    listener: (event: CometEvents[Name]) => void,
  ): Disposable {
    return this.#events.on(name, listener);
  }

  /** Starts polling. The client polls until `stopWaiting` is called or the server stops it. */
  startWaiting(): void {
    if (!this.#end.signal.aborted) this.#reader.start();
  }

  /** Stops polling. The cursor stays, so that polling can be started again. Sends continue. */
  stopWaiting(): void {
    this.#reader.stop("asked");
  }

  /** Skips all delays before the next attempt, of polls and of sends. */
  tryNow(): void {
    this.#reader.tryNow();
  }

  /** Reads another room, or `notice`, from the current cursor on. Tries again to read a room that was refused. */
  join(channel: string): void {
    if (this.#rooms.join(channel)) this.#reader.changeChannels();
  }

  /** Stops reading a room, or `notice`. */
  leave(channel: string): void {
    if (this.#rooms.leave(channel)) this.#reader.changeChannels();
  }

  /**
   * Sends a message, and resolves when the server has stored it. While the server does not reply, the request is repeated
   * with the same key, so that the message is stored once. Without a key in `draft`, a random one is used.
   *
   * Throws the reason of `signal` when that aborts, and a `HalleyError` when the server rejects the message. Its code is
   * `key_expired` when no reply came before the server may have forgotten the key: it is not known
   * whether the message arrived.
   */
  async send(draft: SendRequest, { signal, firstSentAt }: SendOptions = {}): Promise<Message> {
    const body: SendRequest = { ...draft, key: draft.key ?? randomKeyFrom(this.#platform) };
    const aborter = new LinkedAbortController(this.#end.signal, signal);
    try {
      return await sendUntilAnswered(body, {
        ...this.#sending,
        signal: aborter.signal,
        firstSentAt,
        settings: () => this.settings(),
      });
    } finally {
      aborter[Symbol.dispose]();
    }
  }

  /** Gives a message other content, and returns it, or deletes it without any. By default, the request is not repeated. */
  change(id: number, body?: EditRequest, options?: ChangeOptions): Promise<Message | undefined> {
    return sendChange(requests.change(id, body), options, this.#sending);
  }

  /** Reacts to a message with an emoji or, if `on` is `false`, takes that back. Returns the message as it is then. */
  react(id: number, emoji: string, on = true, options?: ChangeOptions): Promise<Message> {
    return sendChange(requests.reaction(id, emoji, on), options, this.#sending);
  }

  /** Sends a request of the API once, with the token of this client: for functions such as `searchMessages`. */
  request<T>(request: ApiRequest<T>): Promise<T> {
    return this.#api.request(request);
  }

  /** Messages of one channel, newest first. */
  history(channel: string, options: HistoryOptions = {}): Promise<HistoryReply> {
    return this.request(requests.history(channel, options));
  }

  /** The people who are reading a channel. */
  presence(channel: string): Promise<PresenceReply> {
    return this.request(requests.presence(channel));
  }

  /** The rooms that are being read, those with most readers first. */
  rooms(): Promise<RoomsReply> {
    return this.request({ method: "GET", path: "api/rooms", isReply: isRoomsReply });
  }

  /** The rooms of a pattern such as `room:support-*` that have messages. `before`: that of the last page. */
  roomsOf(pattern: string, before?: number): Promise<RoomListReply> {
    return this.request(requests.rooms(pattern, before));
  }

  /** The open conversations of the session, in any of its tabs, with their read markers. */
  conversations(): Promise<ConversationsReply> {
    return this.request(requests.conversations());
  }

  /** Opens a conversation in all tabs of the session. `readUpTo` moves its read marker to the message with that id. */
  async openConversation(channel: string, readUpTo?: number): Promise<void> {
    await this.request(requests.conversation(channel, { readUpTo }));
  }

  /** Sets which messages of a conversation the person is notified of, and whether it is pinned, and from which message on it is marked as unread; opens it if necessary. */
  async setConversation(
    channel: string,
    settings: Pick<ConversationRequest, "notify" | "pinned" | "unreadFrom">,
  ): Promise<void> {
    await this.request(requests.conversation(channel, settings));
  }

  /** Closes a conversation in all tabs of the session. A direct message opens it again. */
  async closeConversation(channel: string): Promise<void> {
    await this.request(requests.conversation(channel));
  }

  /** Shows the channel's readers that this user is typing. Never throws: signals can be missed. */
  typing(channel: string): Promise<void> {
    const body: SignalRequest = { channel, type: "typing" };
    const { signal } = this.#end;
    const path = "api/signals";
    return this.request({ method: "POST", path, body, isReply: isNothing, signal })
      .catch(() => {}); // The next signal follows in seconds.
  }

  /** The session that the token belongs to, and the settings of the server. */
  async whoAmI(): Promise<SessionReply> {
    const { signal } = this.#end;
    const path = "api/session";
    const reply = await this.request({ method: "GET", path, isReply: isSessionReply, signal });
    this.#settings = Promise.resolve(reply.settings);
    return reply;
  }

  /** The settings of the server. They are requested once, unless they are known already. */
  settings(): Promise<ServerSettings> {
    return this.#settings ??= this.#loadSettings();
  }

  /** How far (ms) the server's clock is ahead of this device's, as of the last reply; accurate to a minute. */
  get clockOffset(): number {
    return this.#api.clockOffset;
  }

  /** Gives a guest another display name; messages keep the name that they were sent with. Resolves with the session. */
  rename(displayName: string): Promise<SessionReply> {
    return this.request(requests.rename(displayName));
  }

  /** Makes a code with which another device can take over the session of a guest, once and within ten minutes. */
  createTransfer(): Promise<Transfer> {
    return this.request(requests.transfer());
  }

  /** Ends the session in all its tabs, and stops. */
  async signOut(): Promise<void> {
    await this.request({ method: "DELETE", path: "api/session", isReply: isNothing });
    this.#reader.stop("signed_out");
  }

  /** Stops polling, and aborts all sends. */
  [Symbol.dispose](): void {
    this.stopWaiting();
    this.#end.abort(new DOMException("The client is disposed", "AbortError"));
  }

  async #loadSettings(): Promise<ServerSettings> {
    try {
      return (await this.whoAmI()).settings;
    } catch (error) {
      this.#settings = undefined;
      throw error;
    }
  }

  get #sending() {
    const [api, delays, platform] = [this.#api, this.#delays, this.#platform];
    return { api, delays, platform, signal: this.#end.signal };
  }

  #applyAnswer(polled: readonly string[], refusals?: readonly RefusedChannel[]): void {
    const { refused, admitted } = this.#rooms.apply(polled, refusals);
    if (refused.some(({ code }) => code !== "too_many_rooms")) this.#reader.changeChannels();
    for (const one of refused) this.#events.emit("refused", one);
    for (const channel of admitted) this.#events.emit("admitted", channel);
  }

  #deliver({ gap, messages, changes = [], signals }: Update): void {
    if (gap) this.#events.emit("gap", undefined);
    for (const message of messages) {
      if (this.#seen.admit(message)) this.#events.emit("message", message);
    }
    for (const change of changes) {
      if (this.#seen.admit(change)) this.#events.emit("change", change);
    }
    for (const signal of signals) this.#events.emit("signal", signal);
  }

  #onState(state: ConnectionState): void {
    // The server can be reached: sends need not wait any longer.
    if (state.name === "connected") this.#delays.skipOptional();
    this.#events.emit("state", state);
  }
}
