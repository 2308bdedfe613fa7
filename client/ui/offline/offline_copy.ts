import { effect, untracked } from "@preact/signals";
import { parseCursor } from "../../../server/protocol/cursor.ts";
import type { Conversation as ListedConversation, Message } from "../../comet/halley.ts";
import { byNewest } from "../state/by_newest.ts";
import type { Chat } from "../state/chat.ts";
import type { Conversation } from "../state/conversation.ts";
import type { VisitedMessages } from "../state/history.ts";
import type { CopyDatabase, KeptList, KeptUser } from "./copy_database.ts";
import { KeptMessages } from "./kept_messages.ts";

/** What is kept: this many conversations, those with the newest messages, and this many messages of each. */
const MAX = { conversations: 50, messages: 100 } as const;

/** Changes are stored together, after this time in ms. */
const SAVE_DELAY = 1_000;

/** Time in ms after which all messages before a new cursor are in their conversations. */
const SETTLE_TIME = 100;

/** How long in ms the first connection may take until the copy is shown. */
const CONNECT_TIME = 2_000;

export interface OfflineCopyOptions {
  readonly chat: Chat;
  readonly database: CopyDatabase;
  /** From which this page continues; undefined if it began at the newest message. */
  readonly start: string | undefined;
  /** Describes a user of an application. */
  readonly user?: (() => KeptUser) | undefined;
}

/**
 * Keeps what a chat has loaded, and shows it while the server is away. It only adds views to conversations whose history is
 * not loaded, and removes them when it is; polls, cursor and outbox know nothing of it.
 */
export class OfflineCopy implements Disposable {
  readonly #chat: Chat;
  readonly #database: CopyDatabase;
  readonly #start: string | undefined;
  readonly #user: (() => KeptUser) | undefined;
  readonly #stops: (() => void)[] = [];
  readonly #kept = new Set<KeptMessages>();
  /** The messages of each conversation as they were stored last. */
  readonly #saved = new Map<string, unknown>();
  /** All messages up to here are in their conversations. */
  #cursor: string | undefined;
  /** Resolves when the messages of this page may be added to what is stored. */
  #isReady: Promise<void> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor({ chat, database, start, user }: OfflineCopyOptions) {
    this.#chat = chat;
    this.#database = database;
    this.#start = start;
    this.#user = user;
    this.#listen();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    for (const stop of this.#stops) stop();
    this.#database[Symbol.dispose]();
  }

  #listen(): void {
    const { client, connection, conversations } = this.#chat;
    const subscriptions = [
      client.on("cursor", (cursor) => this.#moveTo(cursor)),
      client.on("gap", () => this.#forget()),
      client.on("change", ({ message }) => {
        for (const { history } of this.#kept) history.change(message);
        this.#database.change(message);
      }),
      client.on("refused", ({ channel, code }) => {
        if (code !== "too_many_rooms") this.#database.remove(channel);
      }),
    ];
    const save = () => this.#save();
    addEventListener("pagehide", save);
    const connecting = setTimeout(() => {
      if (connection.peek().name === "connecting") this.#show();
    }, CONNECT_TIME);
    this.#stops.push(
      () => clearTimeout(connecting),
      () => removeEventListener("pagehide", save),
      ...subscriptions.map((one) => () => one[Symbol.dispose]()),
      effect(() => {
        const { name } = connection.value;
        if (name === "waiting" || name === "offline") untracked(() => this.#show());
        if (name === "connected" && client.cursor) this.#moveTo(client.cursor);
      }),
      effect(() => {
        for (const one of conversations.all.value) if (one.history.isLoaded.value) hide(one);
      }),
      effect(() => {
        const isCopy = isKept(conversations.selected.value?.visited.value);
        document.documentElement.toggleAttribute("data-copy", isCopy);
      }),
      effect(() => {
        listOf(byNewest(conversations.all.value));
        for (const { history } of conversations.all.value) history.chunks.value;
        untracked(() => this.#scheduleSave());
      }),
    );
    this.#begin();
  }

  /** If all messages before the start of this page are stored, what changes is stored even before the server has answered. */
  async #begin(): Promise<void> {
    const list = await this.#database.list();
    const { cursor } = this.#chat.client;
    if (cursor && list && isReached(this.#start, list.cursor)) this.#moveTo(cursor);
  }

  /** A poll has been answered. */
  #moveTo(cursor: string): void {
    this.#isReady ??= this.#removeOutdated();
    setTimeout(() => {
      this.#cursor = cursor;
      this.#scheduleSave();
    }, SETTLE_TIME);
  }

  /** Removes what is stored, if messages, edits or deletions between that and the start of this page were missed. */
  async #removeOutdated(): Promise<void> {
    const list = await this.#database.list();
    if (list && !isReached(this.#start, list.cursor)) await this.#forget();
  }

  async #forget(): Promise<void> {
    this.#saved.clear();
    const { all, selected } = this.#chat.conversations;
    // What is selected is being loaded.
    for (const one of all.peek()) if (one !== selected.peek()) hide(one);
    await this.#database.clear();
  }

  #scheduleSave(): void {
    this.#timer ??= setTimeout(() => this.#save(), SAVE_DELAY);
  }

  async #save(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    // Before the server has answered, there is nothing new.
    if (!this.#cursor || !this.#isReady) return;
    const { self, conversations } = this.#chat;
    const listed = byNewest(conversations.all.peek()).filter(({ isForbidden }) =>
      !isForbidden.peek()
    )
      .slice(0, MAX.conversations);
    const list: KeptList = {
      owner: self.publicToken,
      cursor: this.#cursor,
      conversations: listOf(listed),
      user: this.#user?.(),
    };
    const changed = listed.filter((one) =>
      this.#saved.get(one.channel) !== one.history.chunks.peek()
    );
    for (const one of changed) this.#saved.set(one.channel, one.history.chunks.peek());
    const messages = changed.map((one) => ({
      channel: one.channel,
      messages: newestOf(one),
      isWhole: one.history.isLoaded.peek(),
      max: MAX.messages,
    }));
    await this.#isReady;
    await this.#database.save(list, messages);
  }

  /** Shows what is kept of the conversations of which nothing is loaded. */
  async #show(): Promise<void> {
    const list = await this.#database.list();
    for (const listed of list?.conversations ?? []) {
      const conversation = this.#chat.conversations.find(listed.channel);
      if (!conversation || conversation.history.isLoaded.peek()) continue;
      if (!conversation.last.peek()) conversation.applyServerState(listed);
      const messages = await this.#database.messages(listed.channel);
      const isShown = conversation.visited.peek() || conversation.history.isLoaded.peek();
      if (messages.length === 0 || isShown) continue;
      const kept = new KeptMessages(this.#chat.client, conversation, [
        ...messages,
        ...newestOf(conversation),
      ]);
      this.#kept.add(kept);
      conversation.visited.value = kept;
    }
  }
}

function hide(conversation: Conversation): void {
  if (isKept(conversation.visited.peek())) conversation.visited.value = undefined;
}

function isKept(visited: VisitedMessages | undefined): boolean {
  return visited instanceof KeptMessages;
}

function newestOf({ history }: Conversation): readonly Message[] {
  return history.chunks.peek().flatMap(({ messages }) => messages).slice(-MAX.messages);
}

function listOf(conversations: readonly Conversation[]): readonly ListedConversation[] {
  return conversations.map(({ channel, readUpTo, unread, last, other, ...receipts }) => ({
    channel,
    readUpTo: readUpTo.value ?? 0,
    unread: unread.value,
    mentions: 0,
    ...(last.value && { last: last.value }),
    ...(other.value && {
      other: {
        ...other.value,
        readUpTo: receipts.seenUpTo.value,
        deliveredUpTo: receipts.deliveredUpTo.value,
      },
    }),
  }));
}

/** Whether a page that begins at `start` gets everything after `cursor`. */
function isReached(start: string | undefined, cursor: string): boolean {
  const [from, to] = [parseCursor(start ?? ""), parseCursor(cursor)];
  return from !== undefined && from.epoch === to?.epoch && from.id <= to.id;
}
