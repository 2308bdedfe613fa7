import { batch, signal } from "@preact/signals";
import type { Message } from "../../comet/halley.ts";
import type { Drafts } from "../storage/chat_storage.ts";
import type { StoredValue } from "../storage/stored_value.ts";
import { formatReply, parseReply, type Quotation } from "./quotation.ts";

interface QuotedMessage extends Quotation {
  /** The id of the message, as it is stored. */
  readonly id: string | undefined;
}

/**
 * The unsent text of a conversation, and what it replies to. Both are stored, in the form in which they are sent, and
 * the id of the quoted message.
 */
export class Draft {
  readonly text = signal("");
  readonly quotation = signal<QuotedMessage | undefined>(undefined);
  readonly #channel: string;
  readonly #stored: StoredValue<Drafts>;

  constructor(channel: string, stored: StoredValue<Drafts>) {
    this.#channel = channel;
    this.#stored = stored;
    this.restore();
  }

  /** Reads what is stored: at first, and when another tab has written it. */
  restore(): void {
    const drafts = this.#stored.read() ?? {};
    const stored = drafts[this.#channel] ?? "";
    if (stored === this.#format()) return;
    const { quotation, answer } = parseReply(stored);
    batch(() => {
      this.text.value = answer;
      this.quotation.value = quotation && { ...quotation, id: drafts[idKeyOf(this.#channel)] };
    });
  }

  write(text: string): void {
    this.text.value = text;
    this.#store();
  }

  /** Makes the text a reply to this message, or to none. */
  replyTo(message: Message | undefined): void {
    const { from, as, text = "" } = message ?? {};
    const author = (from ?? as)?.displayName ?? "";
    this.quotation.value = message &&
      { author, text: parseReply(text).answer, id: String(message.id) };
    this.#store();
  }

  /** Removes the quotation if its message was deleted. */
  forget(id: number): void {
    if (this.quotation.peek()?.id === String(id)) this.replyTo(undefined);
  }

  clear(): void {
    batch(() => {
      this.replyTo(undefined);
      this.write("");
    });
  }

  #store(): void {
    // What is undefined is not stored.
    const draft = this.#format() || undefined;
    // Read again, because another tab may have changed the draft of another conversation.
    const drafts = this.#stored.read() ?? {};
    if (draft === drafts[this.#channel]) return;
    const quoted = draft && this.quotation.peek()?.id;
    this.#stored.write({ ...drafts, [this.#channel]: draft, [idKeyOf(this.#channel)]: quoted });
  }

  #format(): string {
    const answer = this.text.peek();
    return answer === "" ? "" : formatReply({ quotation: this.quotation.peek(), answer });
  }
}

/** The key under which the id of the quoted message is stored. */
function idKeyOf(channel: string): string {
  return `${channel}>`;
}
