import {
  isAnything,
  isConversationsReply,
  isHistoryReply,
  isPerson,
  isPresenceReply,
  isRoomsReply,
} from "../../server/protocol/guards.ts";
import { Api } from "./api.ts";
import type { ConnectionState } from "./connection_state.ts";
import { Emitter } from "./emitter.ts";
import { LinkedAborter } from "./linked_aborter.ts";
import { Pauses } from "./poll_delays.ts";
import { pageState } from "./page_lifecycle.ts";
import { PollLoop } from "./poll_loop.ts";
import { randomKey } from "./random_key.ts";
import type { News, Reader, ReaderOptions } from "./reader.ts";
import { SeenMessages } from "./seen_messages.ts";
import { sendUntilAnswered } from "./send_until_answered.ts";
import { groupName } from "./cross_tab/group_name.ts";
import { canShare, SharedReader } from "./cross_tab/shared_reader.ts";
import { OwnTurns } from "./turns.ts";
import type {
  ConversationRequest,
  SendRequest,
  SignalRequest,
} from "../../server/protocol/requests.ts";
import type {
  ConversationsReply,
  HistoryReply,
  PresenceReply,
  RoomsReply,
} from "../../server/protocol/replies.ts";
import type { Message, Person } from "../../server/protocol/message.ts";
import type { Signal } from "../../server/protocol/signal.ts";

/** Where a client reads, and as whom. Durations are milliseconds. */
export interface CometClientOptions {
  /** The server's address, with or without a path. */
  readonly url: string | URL;
  /** The token of a session that Halley has made (`signIn`), or a first one of the application. */
  readonly privateToken?: string | undefined;
  /**
   * Gives a token that the application has made: at first, where there is no `privateToken`, and whenever the one that is
   * borne counts no more. `undefined` says that nobody is signed in: then the client stops. What it throws is tried again.
   */
  readonly getToken?: () => Promise<string | undefined> | string | undefined;
  /**
   * With `getToken`: whose tokens these are, by any word that is the same in all pages of one user, and in no other's.
   * Pages share a poll only with those of the same user; without it, each polls for itself.
   */
  readonly user?: string;
  /** The rooms to read. The session's own inbox and the notices always come. */
  readonly channels?: readonly string[];
  /**
   * Whether it reads together with all others in this browser that have the same server and token, by one poll: so it is
   * in pages, unless `tab` is given. Elsewhere, and where a browser cannot, everyone polls for itself.
   */
  readonly share?: boolean;
  /** Which of the session's readers this is: it polls for itself, and the newest of that name wins. */
  readonly tab?: string;
  /** Where to read on; by default from now on. */
  readonly cursor?: string;
  /** How long a poll may be held; by default as long as the server likes. */
  readonly hold?: number;
}

/** What a client tells, by name. */
export interface CometEvents {
  /** Each message once, oldest first. */
  readonly message: Message;
  /** What is happening now and is not kept: typing, presence. */
  readonly signal: Signal;
  /** Messages may be missing before those that follow: the history has all that is left. */
  readonly gap: undefined;
  readonly state: ConnectionState;
  /** The place up to which everything has been given. To be kept by whoever wants to read on later. */
  readonly cursor: string;
}

/** Which part of a channel's history: the newest messages before an id. */
export interface HistoryOptions {
  readonly before?: number | undefined;
  readonly limit?: number;
  readonly signal?: AbortSignal;
}

/**
 * A reader and sender of messages, by HTTP long polling alone. It loses none and gives none twice, through lost
 * answers, closed laptops and restarts of the server; where history is gone, it says so (`gap`).
 *
 * Its requests throw `HalleyError` if the server turns them down; `send` is repeated until it is answered.
 */
export class CometClient implements Disposable {
  readonly #api: Api;
  readonly #events = new Emitter<CometEvents>();
  readonly #pauses = new Pauses();
  readonly #seen = new SeenMessages();
  readonly #end = new AbortController();
  readonly #channels: Set<string>;
  readonly #reader: Reader;

  constructor(options: CometClientOptions) {
    const { url, privateToken, getToken, channels = [], cursor, hold } = options;
    this.#api = new Api({ url, privateToken, getToken });
    this.#channels = new Set(channels);
    this.#reader = openReader(options, {
      api: this.#api,
      pauses: this.#pauses,
      cursor,
      hold,
      channels: () => this.channels,
      onNews: (news) => this.#deliver(news),
      onCursor: (cursor) => this.#events.emit("cursor", cursor),
      onState: (state) => this.#tell(state),
    });
  }

  get state(): ConnectionState {
    return this.#reader.state;
  }

  /** The place up to which everything has been given; unknown before the first poll is answered. */
  get cursor(): string | undefined {
    return this.#reader.cursor;
  }

  /** The rooms that are read. */
  get channels(): readonly string[] {
    return [...this.#channels];
  }

  /** Calls `listener` with each event of that name, until the subscription is disposed of. */
  on<Name extends keyof CometEvents>(
    name: Name,
    listener: (event: CometEvents[Name]) => void,
  ): Disposable {
    return this.#events.on(name, listener);
  }

  /** Polls until it is stopped, by either side. */
  startWaiting(): void {
    if (!this.#end.signal.aborted) this.#reader.start();
  }

  /** Polls no more. The cursor stays, so that waiting may be started again. Sends go on. */
  stopWaiting(): void {
    this.#reader.stop("asked");
  }

  /** Cuts short whatever is being waited for before the next try, of a poll or of a send. */
  tryNow(): void {
    this.#reader.tryNow();
  }

  /** Reads that room too, from the next poll on, which is at once. */
  join(channel: string): void {
    if (this.#channels.has(channel)) return;
    this.#channels.add(channel);
    this.#reader.changeChannels();
  }

  /** Reads that room no more. */
  leave(channel: string): void {
    if (this.#channels.delete(channel)) this.#reader.changeChannels();
  }

  /**
   * Resolves with the message when the server has it for good, which may take as long as the network is away. Throws
   * `HalleyError` on a final refusal, and the reason of `signal` when that aborts. The key is made up if there is none.
   */
  async send(
    draft: SendRequest,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<Message> {
    const body: SendRequest = { ...draft, key: draft.key ?? randomKey() };
    const aborter = new LinkedAborter(this.#end.signal, signal);
    try {
      const options = { api: this.#api, pauses: this.#pauses, signal: aborter.signal };
      return await sendUntilAnswered(body, options);
    } finally {
      aborter[Symbol.dispose]();
    }
  }

  /** Messages of one channel, newest first. */
  history(channel: string, { before, limit, signal }: HistoryOptions = {}): Promise<HistoryReply> {
    const query = new URLSearchParams();
    if (before !== undefined) query.set("before", String(before));
    if (limit !== undefined) query.set("limit", String(limit));
    const path = `api/channels/${encodeURIComponent(channel)}/messages?${query}`;
    return this.#api.ask({ method: "GET", path, isAnswer: isHistoryReply, signal });
  }

  /** Who reads that channel now. */
  presence(channel: string): Promise<PresenceReply> {
    const path = `api/channels/${encodeURIComponent(channel)}/presence`;
    return this.#api.ask({ method: "GET", path, isAnswer: isPresenceReply });
  }

  /** The rooms that are read now, those with most readers first. */
  rooms(): Promise<RoomsReply> {
    return this.#api.ask({ method: "GET", path: "api/rooms", isAnswer: isRoomsReply });
  }

  /** The conversations of this session that are open, in whichever of its tabs; with what was read in each. */
  conversations(): Promise<ConversationsReply> {
    const path = "api/conversations";
    return this.#api.ask({ method: "GET", path, isAnswer: isConversationsReply });
  }

  /** Opens a conversation in all tabs of the session, and notes what was read of it: up to the message of that id. */
  async openConversation(channel: string, readUpTo?: number): Promise<void> {
    const body: ConversationRequest = readUpTo === undefined ? {} : { readUpTo };
    const path = `api/conversations/${encodeURIComponent(channel)}`;
    await this.#api.ask({ method: "PUT", path, body, isAnswer: isAnything });
  }

  /** Closes a conversation in all tabs of the session. A direct message opens it again. */
  async closeConversation(channel: string): Promise<void> {
    const path = `api/conversations/${encodeURIComponent(channel)}`;
    await this.#api.ask({ method: "DELETE", path, isAnswer: isAnything });
  }

  /** Tells the channel's readers that somebody types. It may fail, and then nobody minds: it never throws. */
  async typing(channel: string): Promise<void> {
    const body: SignalRequest = { channel, type: "typing" };
    const request = { method: "POST", path: "api/signals", body, isAnswer: isAnything } as const;
    try {
      await this.#api.ask({ ...request, signal: this.#end.signal });
    } catch {
      // A signal may be missed; the next one comes in seconds.
    }
  }

  /** The session that the private token belongs to. */
  whoAmI(): Promise<Person> {
    return this.#api.ask({ method: "GET", path: "api/session", isAnswer: isPerson });
  }

  /** Ends the session, in all its tabs, and stops. */
  async signOut(): Promise<void> {
    await this.#api.ask({ method: "DELETE", path: "api/session", isAnswer: isAnything });
    this.#reader.stop("signed_out");
  }

  /** Stops, and aborts what is being sent. */
  [Symbol.dispose](): void {
    this.stopWaiting();
    this.#end.abort(new DOMException("The client is disposed of", "AbortError"));
  }

  #deliver({ gap, messages, signals }: News): void {
    if (gap) this.#events.emit("gap", undefined);
    for (const message of messages) {
      if (this.#seen.admit(message)) this.#events.emit("message", message);
    }
    for (const signal of signals) this.#events.emit("signal", signal);
  }

  #tell(state: ConnectionState): void {
    // The server is there: what waits to be sent need not wait any longer.
    if (state.name === "connected") this.#pauses.endOwn();
    this.#events.emit("state", state);
  }
}

function openReader(
  { url, privateToken, getToken, user, tab, share }: CometClientOptions,
  options: ReaderOptions,
): Reader {
  // Tokens come and go: it is the user who stays.
  const owner = getToken ? user : privateToken;
  const shares = (share ?? tab === undefined) && owner !== undefined && canShare();
  if (shares) return new SharedReader(groupName({ url, owner }), options);
  return new PollLoop({
    ...options,
    tab: tab ?? randomKey(),
    turns: new OwnTurns(),
    presence: pageState,
    onReply: options.onNews,
  });
}
