import { signal } from "@preact/signals";
import { isRecord } from "../../../server/protocol/guards.ts";
import type { ChatStorage } from "../storage/chat_storage.ts";
import type { StoredValue } from "../storage/stored_value.ts";
import type { Chat } from "./chat.ts";
import type { Conversation } from "./conversation.ts";

/** A text that was not sent before its session ended. */
export interface UnsentText {
  /** Identifies it among those of its session. */
  readonly key: string;
  /** The title of its conversation. */
  readonly title: string;
  readonly text: string;
}

/**
 * The unsent messages and drafts of sessions that the server has ended. They are shown until the user discards them, and
 * are never sent.
 */
export class Unsent {
  readonly texts = signal<readonly UnsentText[]>([]);
  readonly #stored: StoredValue<readonly UnsentText[]>;
  readonly #titleOf: (conversation: Conversation) => string;

  constructor(
    stored: StoredValue<readonly UnsentText[]>,
    titleOf: (conversation: Conversation) => string,
  ) {
    this.#stored = stored;
    this.#titleOf = titleOf;
    this.#restore();
    stored.watch(() => this.#restore());
  }

  /** Keeps what a session has not sent. To be called before its storage is cleared. */
  async keep({ conversations, outbox }: Chat, storage: ChatStorage): Promise<void> {
    const drafts = conversations.all.peek().map((conversation): UnsentText => ({
      key: `draft ${conversation.channel}`,
      title: this.#titleOf(conversation),
      text: conversation.draft.text.peek(),
    }));
    const here = outbox.pending.peek();
    const journal = Object.values(storage.journal.read() ?? {});
    // A page that has just been opened has not loaded them yet.
    const listed = await storage.outbox.then((store) => store.list()).catch(() => []);
    const entries = [...listed, ...journal, ...here].flatMap((entry) => {
      const conversation = entry && conversations.find(entry.channel);
      const title = conversation ? this.#titleOf(conversation) : "";
      return entry ? [{ key: entry.key, title, text: entry.text ?? "" }] : [];
    });
    const known = [...this.texts.peek(), ...entries, ...drafts].filter(({ text }) => text.trim());
    if (known.length > 0) this.#write([...new Map(known.map((one) => [one.key, one])).values()]);
  }

  discard(): void {
    this.#write([]);
  }

  #write(texts: readonly UnsentText[]): void {
    this.texts.value = texts;
    this.#stored.write(texts.length > 0 ? texts : undefined);
  }

  #restore(): void {
    this.texts.value = this.#stored.read() ?? [];
  }
}

export function isUnsent(value: unknown): value is readonly UnsentText[] {
  return Array.isArray(value) &&
    value.every((one) =>
      isRecord(one) && [one.key, one.title, one.text].every((word) => typeof word === "string")
    );
}
