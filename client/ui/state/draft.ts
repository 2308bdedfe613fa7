import { batch, signal } from "@preact/signals";
import type { Message } from "../../comet/halley.ts";
import type { Drafts } from "../storage/chat_storage.ts";
import type { StoredValue } from "../storage/stored_value.ts";
import { formatReply, parseReply, type Quotation } from "./quotation.ts";

/**
 * The unsent text of a conversation, and what it replies to. Both are stored, in the form in which they are sent, and
 * the id of the quoted message.
 */
export class Draft {
  readonly text = signal("");
  readonly quotation = signal<Quotation | undefined>(undefined);
  readonly #channel: string;
  readonly #stored: StoredValue<Drafts>;
  /** The id of the quoted message. */
  #quoted: string | undefined;

  constructor(channel: string, stored: StoredValue<Drafts>) {
    this.#channel = channel;
    this.#stored = stored;
    this.restore();
  }

  /** Reads what is stored: at first, and when another tab has written it. */
  restore(): void {
    const { [this.#channel]: stored = "", [`${this.#channel}>`]: quoted } = this.#stored.read() ??
      {};
    if (stored === this.#format()) return;
    this.#quoted = quoted;
    const { quotation, answer } = parseReply(stored);
    batch(() => {
      this.text.value = answer;
      this.quotation.value = quotation;
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
    this.#quoted = message && String(message.id);
    this.quotation.value = message && { author, text: parseReply(text).answer };
    this.#store();
  }

  /** Removes the quotation if its message was deleted. */
  forget(id: number): void {
    if (this.#quoted === String(id)) this.replyTo(undefined);
  }

  clear(): void {
    batch(() => {
      this.replyTo(undefined);
      this.write("");
    });
  }

  #store(): void {
    const draft = this.#format();
    // Read again, because another tab may have changed the draft of another conversation.
    const id = `${this.#channel}>`;
    const { [this.#channel]: old = "", [id]: _quoted, ...others } = this.#stored.read() ?? {};
    if (draft === old) return;
    const written = { ...others, [this.#channel]: draft, [id]: this.#quoted };
    this.#stored.write(draft === "" ? others : written);
  }

  #format(): string {
    const answer = this.text.peek();
    return answer === "" ? "" : formatReply({ quotation: this.quotation.peek(), answer });
  }
}
