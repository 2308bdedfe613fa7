import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import { hasReacted, withReaction } from "../../../server/protocol/reactions.ts";
import { onAbort } from "../../comet/abort.ts";
import { HalleyError } from "../../comet/halley_error.ts";
import type { Message } from "../../comet/halley.ts";
import { randomKey } from "../../comet/random_key.ts";
import { type OutboxChange, type OutboxEntry, type OutboxStore } from "../storage/outbox_store.ts";
import { logRefusal } from "../i18n/refusals.ts";
import { conversationOf } from "./address.ts";
import type { Chat } from "./chat.ts";
import { newestFirst } from "./chunks.ts";
import type { Conversations } from "./conversations.ts";

/** What is to be changed: the text or a reaction; neither to delete the message. */
export type MessageChange = Pick<OutboxChange, "text" | "mentions" | "emoji" | "on">;

/** What a {@linkcode ChangeOutbox} is constructed from. */
export interface ChangeOutboxDeps extends Pick<Chat, "client" | "outbox"> {
  readonly self: Pick<Chat["self"], "publicToken">;
  readonly conversations: Pick<Conversations, "find">;
}

const NONE: readonly OutboxChange[] = [];

/**
 * The edits, deletions and reactions of a session that the server has not confirmed. They are stored beside its unsent
 * messages, shown at once, and sent in their order: in each conversation after the messages that were written before, by one
 * tab at a time, until the server answers. What it refuses stays until the user repeats or discards it.
 */
export class ChangeOutbox {
  /** In the order in which they were made. */
  readonly entries = signal<readonly OutboxChange[]>(NONE);
  readonly #chat: ChangeOutboxDeps;
  readonly #byMessage = computed(() => {
    const found = new Map<number, readonly OutboxChange[]>();
    for (const entry of this.entries.value) {
      found.set(entry.changes, [...found.get(entry.changes) ?? [], entry]);
    }
    return found;
  });
  /** The changes of each message that is shown. */
  readonly #shown = new WeakMap<Message, ReadonlySignal<readonly OutboxChange[]>>();
  /** Conversations whose changes this tab is sending, and what it is sending there. */
  readonly #sending = new Map<string, string | undefined>();
  /** Entries that are being stored, and those that cannot be stored. */
  readonly #unsaved = new Set<string>();
  readonly #unstorable = new Set<string>();
  /** Whether the server takes this person for another one now. */
  #isOver = false;

  constructor(chat: ChangeOutboxDeps) {
    this.#chat = chat;
    const { end, pending, deps: { journal, store } } = chat.outbox;
    const load = () => void this.#load();
    // After the outbox of messages, which listens too.
    store.then((store) => {
      const { onChange } = store;
      store.onChange = () => {
        onChange?.();
        load();
      };
    });
    for (const entry of Object.values(journal.read() ?? {})) {
      if (isChange(entry)) this.#add(entry);
    }
    // Messages that were written before may have been sent, and other tabs may have left changes.
    onAbort(
      end,
      effect(() => {
        if (pending.value) load();
      }),
    );
  }

  /** What is not confirmed of a message. Subscribes only to that. */
  of(message: Message): readonly OutboxChange[] {
    let shown = this.#shown.get(message);
    if (!shown) {
      shown = computed(() => this.#byMessage.value.get(message.id) ?? NONE);
      this.#shown.set(message, shown);
    }
    return shown.value;
  }

  /** The message as it will be when the server has confirmed everything; a deleted one has its content until then. */
  present(message: Message): Message {
    const by = this.#chat.self.publicToken;
    return this.of(message).reduce((present, { problem, text, emoji, on = false }) => {
      if (problem) return present;
      if (emoji !== undefined) {
        return { ...present, reactions: withReaction(present.reactions, { by, emoji, on }) };
      }
      return text === undefined ? present : { ...present, text };
    }, message);
  }

  /** Changes a message. A later change of the same text or reaction takes the place of an earlier one. */
  change({ id, channel }: Message, change: MessageChange): void {
    for (const entry of this.entries.peek()) {
      const isSent = [...this.#sending.values()].includes(entry.key);
      if (entry.changes === id && entry.emoji === change.emoji && !isSent) this.discard(entry);
    }
    const address = conversationOf(channel);
    this.#add({ key: randomKey(), channel: address, at: Date.now(), changes: id, ...change });
  }

  retry({ problem: _, ...entry }: OutboxChange): void {
    this.#replace(entry);
    this.#save(entry);
  }

  async discard({ key }: OutboxChange): Promise<void> {
    this.#unsaved.delete(key);
    this.#unstorable.delete(key);
    this.#note(key);
    this.entries.value = this.entries.peek().filter((entry) => entry.key !== key);
    await this.#use((store) => store.remove(key));
  }

  get #hasEnded(): boolean {
    return this.#isOver || this.#chat.outbox.end.aborted;
  }

  #add(entry: OutboxChange): void {
    this.entries.value = [...this.entries.peek(), entry];
    this.#save(entry);
  }

  async #save(entry: OutboxChange): Promise<void> {
    const { key, channel } = entry;
    this.#unsaved.add(key);
    this.#note(key, entry);
    // What cannot be stored is sent all the same.
    await this.#chat.outbox.deps.store.then((store) => store.put(entry)).catch(() =>
      this.#unstorable.add(key)
    );
    // It was discarded meanwhile.
    if (!this.#unsaved.delete(key)) return void this.#use((store) => store.remove(key));
    this.#note(key);
    this.#sendAll(channel);
  }

  /** Takes over what is stored, by an earlier page or another tab. */
  async #load(): Promise<void> {
    const before = this.entries.peek();
    const stored = await this.#use((store) => store.list());
    if (!stored || this.#hasEnded) return;
    const changes = stored.filter(isChange);
    // What was added, changed or removed here during the request is newer than its result.
    const here = new Map(this.entries.peek().map((entry) => [entry.key, entry]));
    const isNewer = (entry: OutboxChange) =>
      this.#unsaved.has(entry.key) || this.#unstorable.has(entry.key) || !before.includes(entry);
    const known = changes.flatMap((entry) => {
      const own = here.get(entry.key);
      here.delete(entry.key);
      if (!own) return before.some(({ key }) => key === entry.key) ? [] : entry;
      const isSame = own.at === entry.at && own.problem?.code === entry.problem?.code;
      return isSame || isNewer(own) ? own : entry;
    });
    const merged = [...known, ...[...here.values()].filter(isNewer)];
    if (merged.length + this.entries.peek().length > 0) this.entries.value = merged;
    for (const channel of new Set(changes.map(({ channel }) => channel))) this.#sendAll(channel);
  }

  async #sendAll(channel: string): Promise<void> {
    if (this.#sending.has(channel) || this.#hasEnded) return;
    this.#sending.set(channel, undefined);
    try {
      const store = await this.#chat.outbox.deps.store;
      await store.exclusively(channel, async () => {
        for (;;) {
          const next = await this.#next(store, channel);
          if (!next || this.#hasEnded) return;
          this.#sending.set(channel, next.key);
          await this.#send(next);
          this.#sending.set(channel, undefined);
        }
      });
    } catch {
      // The store has failed. What is not confirmed is sent by the next page.
    } finally {
      this.#sending.delete(channel);
    }
  }

  /** The next change in a conversation, if all messages that were written before it are sent. */
  async #next(store: OutboxStore, channel: string): Promise<OutboxChange | undefined> {
    const stored = await store.list();
    const here = new Map(this.entries.peek().map((entry) => [entry.key, entry]));
    const unstorable = [...here.values()].filter(({ key }) => this.#unstorable.has(key));
    const all = [...stored, ...unstorable].filter((entry) => entry.channel === channel);
    const next = all.filter(isChange).find((one) => !(here.get(one.key) ?? one).problem);
    if (!next) return undefined;
    const pending = this.#chat.outbox.pending.peek();
    const isPending = (key: string) => pending.find((one) => one.key === key)?.state !== "old";
    const isWaiting = all.slice(0, all.indexOf(next))
      .some((entry) => !isChange(entry) && !entry.problem && isPending(entry.key));
    return isWaiting ? undefined : next;
  }

  async #send(entry: OutboxChange): Promise<void> {
    const { client, outbox: { end: signal } } = this.#chat;
    const { changes: id, text, mentions, emoji, on = false } = entry;
    const options = { isRepeated: true };
    const edit = text === undefined ? undefined : { text, ...(mentions && { mentions }) };
    try {
      const reply = emoji === undefined
        ? await client.change(id, edit, options)
        : await client.react(id, emoji, on, options);
      this.#settle(entry, reply);
      await this.discard(entry);
    } catch (error) {
      if (!signal.aborted) await this.#fail(entry, error);
    }
  }

  /** Shows what the server has confirmed, unless a poll has brought it before the reply. */
  #settle({ channel, changes, text, emoji, on = false }: OutboxChange, reply?: Message): void {
    const conversation = this.#chat.conversations.find(channel);
    const shown = conversation &&
      [...newestFirst(conversation.history.chunks.peek())].find(({ id }) => id === changes);
    if (!shown) return;
    const isKnown = emoji === undefined
      ? shown.text === text
      : hasReacted(shown.reactions, this.#chat.self.publicToken, emoji) === on;
    if (!reply) conversation.change({ ...shown, deletedAt: Date.now() });
    else if (!isKnown) conversation.change(reply);
  }

  async #fail(entry: OutboxChange, error: unknown): Promise<void> {
    const problem = error instanceof HalleyError
      ? { code: error.code, detail: error.detail }
      : { code: "unexpected_answer", detail: "" };
    // It stays stored for this user, and no other one is sent.
    if (problem.code === "other_user") return void (this.#isOver = true);
    // The message is gone, and everybody sees that.
    if (problem.code === "not_found") return this.discard(entry);
    const { mentions, ...unmentioned } = entry;
    // Somebody whom the text mentions may have signed out: it still has the name.
    if (problem.code === "unknown_mention" && mentions) {
      this.#replace(unmentioned);
      return await this.#save(unmentioned);
    }
    logRefusal(problem);
    const failed = { ...entry, problem };
    this.#replace(failed);
    await this.#save(failed);
  }

  #replace(changed: OutboxChange): void {
    this.entries.value = this.entries.peek().map((one) => one.key === changed.key ? changed : one);
  }

  #note(key: string, entry?: OutboxChange): void {
    const { journal } = this.#chat.outbox.deps;
    journal.write({ ...journal.read(), [key]: entry });
  }

  /** Resolves without a value if the store fails. */
  async #use<T>(work: (store: OutboxStore) => T): Promise<Awaited<T> | void> {
    return await this.#chat.outbox.deps.store.then(work).catch(() => {});
  }
}

function isChange(entry: OutboxEntry | undefined): entry is OutboxChange {
  return entry !== undefined && "changes" in entry;
}
