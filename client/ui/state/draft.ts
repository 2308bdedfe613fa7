import { batch, signal } from "@preact/signals";
import type { Message } from "../../comet/halley.ts";
import type { Drafts } from "../storage/chat_storage.ts";
import type { StoredValue } from "../storage/stored_value.ts";

/** The unsent text of a conversation, and the message that it replies to. Both are stored. */
export class Draft {
  readonly text = signal("");
  /** The id of the message that it replies to. */
  readonly answers = signal<number>();
  readonly #channel: string;
  readonly #stored: StoredValue<Drafts>;

  constructor(channel: string, stored: StoredValue<Drafts>) {
    this.#channel = channel;
    this.#stored = stored;
    this.restore();
  }

  /** Reads what is stored: at first, and when another tab has written it. */
  restore(): void {
    const { [this.#channel]: text = "", [idKeyOf(this.#channel)]: id } = this.#stored.read() ?? {};
    batch(() => {
      this.text.value = text;
      this.answers.value = Number(id) || undefined;
    });
  }

  write(text: string): void {
    this.text.value = text;
    this.#store();
  }

  /** Makes the text a reply to this message, or to none. */
  replyTo(message: Pick<Message, "id"> | undefined): void {
    this.answers.value = message?.id;
    this.#store();
  }

  /** Removes the id of a message that was deleted. */
  forget(id: number): void {
    if (this.answers.peek() === id) this.replyTo(undefined);
  }

  clear(): void {
    batch(() => {
      this.answers.value = undefined;
      this.write("");
    });
  }

  #store(): void {
    // Read again, because another tab may have changed the draft of another conversation.
    const drafts = this.#stored.read() ?? {};
    const [channel, idKey] = [this.#channel, idKeyOf(this.#channel)];
    // What is undefined is not stored.
    const text = this.text.peek() || undefined;
    const id = this.answers.peek()?.toString();
    if (text === drafts[channel] && id === drafts[idKey]) return;
    this.#stored.write({ ...drafts, [channel]: text, [idKey]: id });
  }
}

/** The key under which the id of the answered message is stored. */
function idKeyOf(channel: string): string {
  return `${channel}>`;
}
