import type { Message } from "../../comet/halley.ts";
import { hasAttention } from "../state/attention.ts";
import { conversationOf, kindOf } from "../state/address.ts";
import { notifyOf } from "../state/conversation_settings.ts";
import type { PageState } from "../state/page_state.ts";
import { hasSound } from "../state/settings.ts";
import { PAGE_PREFIX } from "../storage/stored_value.ts";
import { showDesktopNotification } from "./desktop_notification.ts";
import { Popups } from "./popups.ts";
import { playTone } from "./tone.ts";

/** Tabs receive the same message within this time in ms: only one of them plays the tone. */
const TONE_LOCK_TIME = 3_000;

/**
 * Notifies the user of notices, direct messages and mentions that arrive in a conversation that they do not see: by a
 * popup (notices), on the desktop (while the page is hidden or without the focus) and by a tone, as far as the settings allow it.
 */
export class Notifier implements Disposable {
  readonly popups = new Popups();
  readonly #page: PageState;
  readonly #subscription: Disposable;
  /** The last message that is being notified of. */
  #last = Promise.resolve();

  constructor(page: PageState) {
    this.#page = page;
    this.#subscription = page.chat.client.on("message", (message) => {
      // In their order: the server may be asked whom a reply answers.
      this.#last = this.#last.then(() => this.#notify(message));
    });
  }

  [Symbol.dispose](): void {
    this.#subscription[Symbol.dispose]();
    this.popups[Symbol.dispose]();
  }

  async #notify(message: Message): Promise<void> {
    if (!await this.#isForSelf(message) || this.#isSeen(message)) return;
    if (kindOf(message.channel) === "notices") this.popups.show(message);
    if (!hasAttention()) showDesktopNotification(message, this.#page);
    if (hasSound.value) inOneTab(`${PAGE_PREFIX}.tone`, playTone);
  }

  /** Whether another has sent it, and the settings of its conversation say so. What is for the person in the inbox is a mention. */
  async #isForSelf(message: Message): Promise<boolean> {
    const { chat, inbox, mentions } = this.#page;
    if (message.from?.publicToken === chat.self.publicToken) return false;
    const address = conversationOf(message.channel);
    const settings = chat.conversations.find(address)?.settings.peek() ?? {};
    const notify = notifyOf(kindOf(address), settings);
    return notify === "all" || notify === "mentions" &&
        (inbox.concerns(message) || await mentions.findMention(message));
  }

  #isSeen({ channel }: Message): boolean {
    const selected = this.#page.chat.conversations.selected.peek();
    return hasAttention() && selected?.channel === conversationOf(channel);
  }
}

/** Calls `act` in the first tab that gets the lock; without Web Locks, in every tab. */
async function inOneTab(lockName: string, act: () => void): Promise<void> {
  if (!("locks" in navigator)) return act();
  await navigator.locks.request(lockName, { ifAvailable: true }, async (lock) => {
    if (!lock) return;
    act();
    await new Promise((resolve) => setTimeout(resolve, TONE_LOCK_TIME));
  });
}
