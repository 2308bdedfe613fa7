import { type OwnPerson, ownPerson } from "./own_person.ts";
import { Names } from "./names.ts";
import { isBelow } from "../../../server/protocol/room_pattern.ts";
import { type ChatStorage, startOf } from "../storage/chat_storage.ts";
import {
  computed,
  effect,
  type ReadonlySignal,
  type Signal,
  signal,
  untracked,
} from "@preact/signals";
import type { ServerSettings } from "../../../server/protocol/replies.ts";
import { clockOffset } from "./clock_offset.ts";
import { Outbox } from "./outbox.ts";
import type { Conversation } from "./conversation.ts";
import { conversationOf, kindOf, NOTICES } from "./address.ts";
import { logRefusal } from "../i18n/refusals.ts";
import { CometClient } from "../../comet/comet_client.ts";
import { MessageBatcher } from "./message_batcher.ts";
import type { CometClientOptions, ConnectionState, Message, Person } from "../../comet/halley.ts";
import { Typing } from "./typing.ts";
import { Conversations } from "./conversations.ts";
import { ConversationSync } from "./conversation_sync.ts";

/** Conversations are stored when they have not changed for this time in ms. */
const STORE_DELAY = 100;

export interface ChatOptions {
  readonly url: string | URL;
  readonly self: Person;
  /** If the session is not new, the server may have others by now: see `updateSettings`. */
  readonly settings: ServerSettings;
  readonly credentials: Pick<CometClientOptions, "privateToken" | "getToken" | "user" | "share">;
  readonly fetch?: CometClientOptions["fetch"];
  /** Whether the session has just started: messages from before count as read. */
  readonly isNew: boolean;
  readonly storage: ChatStorage;
  /** The channel of the only room (the widget). Without it, there are many conversations (the page). */
  readonly room?: string | undefined;
  /** Whether the selected conversation is visible; always, by default. */
  readonly isVisible?: ReadonlySignal<boolean> | undefined;
  /** Whether notices are shown, now or from when it becomes true; always, by default. */
  readonly showsNotices?: ReadonlySignal<boolean> | undefined;
}

/** The chat of one signed-in person: what the views show, as signals, and what the person can do. */
export class Chat implements Disposable {
  readonly self: OwnPerson;
  readonly settings: Signal<ServerSettings>;
  readonly names: Names;
  readonly outbox: Outbox;
  readonly conversations: Conversations;
  readonly client: CometClient;
  readonly typing: Typing;
  /** The patterns of rooms that the page reads together, opened or not. */
  readonly patterns: ReadonlySignal<readonly string[]>;
  readonly connection = signal<ConnectionState>({ name: "connecting" });
  /** Number of unread messages in all conversations. */
  readonly unread = computed(() =>
    this.conversations.all.value.reduce((sum, { unread }) => sum + unread.value, 0)
  );
  readonly #options: ChatOptions;
  /** The conversation that the person sees. */
  readonly #shown: ReadonlySignal<Conversation | undefined>;
  /** The open conversations and read markers on the server. */
  readonly sync: ConversationSync;
  readonly #batcher = new MessageBatcher((messages) => this.#add(messages));
  readonly #stops: (() => void)[] = [];
  /** Whether the read markers of the server are known. */
  #isSynced = false;

  constructor(options: ChatOptions) {
    const { url, credentials, fetch, settings, isNew, storage, room } = options;
    const { isVisible = signal(true), showsNotices = signal(true) } = options;
    this.#options = options;
    this.settings = signal(settings);
    this.patterns = computed(() => room ? [] : this.settings.value.patterns ?? []);
    const cursor = startOf(storage);
    const client = this.client = new CometClient({
      ...{ url, fetch, ...credentials, notices: showsNotices.peek() },
      ...(cursor !== undefined && { cursor }),
      ...(isNew && { settings }),
    });
    const names = this.names = new Names(options.self);
    const self = this.self = ownPerson(options.self, { client, names });
    const outbox = this.outbox = new Outbox({
      client,
      store: storage.outbox,
      journal: storage.journal,
      settings: this.settings,
      onSent: (message) => this.#add([message]),
    });
    // A page whose session may not read the home room starts with the list.
    const start = room ?? settings.home;
    const conversations = this.conversations = new Conversations({
      home: room ? [room, NOTICES] : start ? [start, NOTICES] : [NOTICES],
      start,
      isFixed: room !== undefined,
      stored: storage.conversations.read() ?? [],
    }, {
      client,
      self,
      outbox,
      names,
      drafts: storage.drafts,
      onRead: (channel, upTo) => this.sync.open(channel, upTo),
    });
    this.#shown = computed(() => isVisible.value ? conversations.selected.value : undefined);
    const join = (channel: string) => this.#join(channel);
    this.sync = new ConversationSync({ client, self, conversations, join });
    this.typing = new Typing(client, self);
    for (const { channel } of conversations.all.value) this.#join(channel);
    this.#listen();
    if (!showsNotices.peek()) {
      this.#stops.push(effect(() => {
        if (showsNotices.value) untracked(() => this.#takeNotices());
      }));
    }
    this.#start();
  }

  /** Selects a conversation, and shows it again if it is selected already. */
  select(conversation: Conversation): void {
    this.conversations.selected.value = conversation;
    this.#show();
  }

  /** Joins a room, or opens a direct conversation. */
  open(channel: string, other?: Person): Conversation {
    this.#join(channel);
    this.sync.open(channel);
    return this.conversations.open({ channel, other }, Date.now() + clockOffset.peek());
  }

  /** Leaves a room, or closes a direct conversation. */
  close(conversation: Conversation): void {
    this.client.leave(conversation.channel);
    this.conversations.close(conversation);
    this.sync.close(conversation.channel);
  }

  /** Whether a room is one of those of {@linkcode patterns}. */
  isReadByPattern(channel: string): boolean {
    return this.patterns.value.some((pattern) => isBelow(pattern, channel));
  }

  /** Replaces the settings by those that the server has now. Throws if it cannot be reached. */
  async updateSettings(): Promise<ServerSettings> {
    const { settings, displayName } = await this.client.whoAmI();
    this.self.rename(displayName);
    return this.settings.value = settings;
  }

  /** Ends the delay before the next poll. */
  tryNow(): void {
    this.client.tryNow();
  }

  /** Polls again after the connection was superseded or refused. */
  resume(): void {
    this.client.startWaiting();
  }

  /** Ends the session on the server, in all tabs. */
  signOut(): Promise<void> {
    return this.client.signOut();
  }

  [Symbol.dispose](): void {
    for (const stop of this.#stops) stop();
    this.outbox[Symbol.dispose]();
    this.client[Symbol.dispose]();
    this.sync[Symbol.dispose]();
    this.#batcher[Symbol.dispose]();
    this.typing[Symbol.dispose]();
  }

  async #start(): Promise<void> {
    const shown = this.#shown.peek();
    const hidden = this.conversations.all.peek().filter((one) => one !== shown);
    // Before the first poll, so that its messages are unread. The shown conversation loads its history anyway.
    if (this.#options.isNew) await Promise.all(hidden.map((one) => one.markAllRead()));
    this.client.startWaiting();
    // The page before has left a cursor.
    if (this.client.cursor !== undefined) this.#synchronize();
  }

  #listen(): void {
    const { client, conversations } = this;
    const { storage } = this.#options;
    client.on("message", (message) => {
      const address = conversationOf(message.channel);
      const isWanted = conversations.find(address) || !this.isReadByPattern(address);
      if (isWanted && conversations.accepts(address)) this.#batcher.add(message);
    });
    client.on("change", ({ channel, message }) => {
      // What waits is older.
      this.#batcher.flush();
      conversations.find(conversationOf(channel))?.change(message);
    });
    client.on("signal", (event) => {
      this.typing.applySignal(event);
      this.sync.applySignal(event);
    });
    client.on("gap", () => this.#reset());
    client.on("refused", ({ channel, code }) => {
      const room = conversations.find(channel);
      if (room) room.refused.value = code;
    });
    client.on("admitted", (channel) => this.#admit(channel));
    client.on("cursor", (cursor) => {
      storage.cursor.write({ cursor, at: Date.now() });
      clockOffset.value = client.clockOffset;
    });
    client.on("state", (state) => this.#setConnection(state));
    this.#stops.push(
      effect(() => {
        for (const pattern of this.patterns.value) client.join(pattern);
        const rooms = conversations.all.peek().map(({ channel }) => channel);
        for (const room of rooms) if (this.isReadByPattern(room)) client.leave(room);
      }),
      storage.drafts.watch(() => {
        for (const { draft } of conversations.all.peek()) draft.restore();
      }),
      effect(() => {
        const stored = conversations.toStored();
        const store = () => storage.conversations.write(stored);
        const timer = setTimeout(store, STORE_DELAY);
        addEventListener("pagehide", store);
        return () => {
          clearTimeout(timer);
          removeEventListener("pagehide", store);
        };
      }),
      effect(() => {
        const shown = this.#shown.value;
        untracked(() => this.#show());
        return () => shown?.hide();
      }),
    );
  }

  /** Reads a room, unless a pattern includes it. */
  #join(channel: string): void {
    if (kindOf(channel) === "room" && !this.isReadByPattern(channel)) this.client.join(channel);
  }

  #add(messages: readonly Message[]): void {
    for (const message of messages) this.typing.applyMessage(message);
    this.conversations.add(messages);
  }

  /** After a gap. */
  #reset(): void {
    this.#batcher.flush();
    for (const conversation of this.conversations.all.value) conversation.reset();
    this.#synchronize();
  }

  #admit(channel: string): void {
    this.#batcher.flush();
    this.conversations.find(channel)?.admit();
    this.#synchronize();
  }

  #takeNotices(): void {
    this.client.join(NOTICES);
    // Without a cursor, the first answer synchronizes.
    if (this.client.cursor !== undefined) this.#admit(NOTICES);
  }

  #setConnection(state: ConnectionState): void {
    this.connection.value = state;
    if (state.name === "stopped" && state.problem) logRefusal(state.problem);
    if (state.name !== "connected") return;
    this.sync.retry();
    this.#synchronize();
  }

  /** The history is loaded only when the client has a cursor, so that no message is missing between the two. */
  async #synchronize(): Promise<void> {
    await this.sync.pull();
    clockOffset.value = this.client.clockOffset;
    this.#isSynced = true;
    const { room, showsNotices } = this.#options;
    // They are shown beside the room.
    if (room && showsNotices?.peek()) this.conversations.find(NOTICES)?.history.loadFirst();
    if (this.#shown.peek()?.history.isLoaded.peek() === false) this.#show();
  }

  #show(): void {
    if (this.#isSynced) this.#shown.peek()?.show();
  }
}
