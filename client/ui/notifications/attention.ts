import type { Message } from "../../comet/halley.ts";
import { conversationOf, kindOf } from "../state/address.ts";
import type { Chat } from "../state/chat.ts";
import { showOnDesktop } from "./desktop.ts";
import { mentions } from "./mention.ts";
import { oncePerBrowser } from "./once_per_browser.ts";
import { Popups } from "./popups.ts";
import { hasSound } from "../state/settings.ts";
import { playTone } from "./tone.ts";

/** Draws one's attention to messages that are meant for one, wherever one is looking. */
export class Attention implements Disposable {
  readonly popups = new Popups();
  readonly #chat: Chat;
  readonly #subscription: Disposable;

  constructor(chat: Chat) {
    this.#chat = chat;
    this.#subscription = chat.onMessage((message) => this.#note(message));
  }

  [Symbol.dispose](): void {
    this.#subscription[Symbol.dispose]();
    this.popups[Symbol.dispose]();
  }

  #note(message: Message): void {
    if (!this.#isMeant(message) || this.#isLookedAt(message)) return;
    if (kindOf(message.channel) === "notices") this.popups.show(message);
    if (document.hidden) showOnDesktop(message, this.#chat);
    if (hasSound.value) oncePerBrowser("halley.tone", playTone);
  }

  /** Whether it was written to this person: a notice, a direct message, or one that names them. */
  #isMeant({ channel, from, text = "" }: Message): boolean {
    const { publicToken, displayName } = this.#chat.self;
    if (from?.publicToken === publicToken) return false;
    return kindOf(channel) !== "room" || mentions(text, displayName);
  }

  #isLookedAt({ channel }: Message): boolean {
    const selected = this.#chat.conversations.selected.peek();
    return !document.hidden && selected?.channel === conversationOf(channel);
  }
}
