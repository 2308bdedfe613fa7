import { computed, effect, signal, untracked } from "@preact/signals";
import { isRecord } from "../../../server/protocol/guards.ts";
import {
  addressOf,
  type NotificationData,
  notificationTag,
  type PushWords,
} from "../../service_worker/push_words.ts";
import { strings as chatStrings } from "../i18n/chat_strings.ts";
import { language } from "../i18n/language.ts";
import type { Chat } from "../state/chat.ts";
import { notifying, permission, switchDesktop, wantsDesktop } from "../state/settings.ts";
import { ownedValues } from "../storage/chat_storage.ts";
import { PAGE_PREFIX, type StoredValue } from "../storage/stored_value.ts";
import { type PushFailure, strings } from "./push_strings.ts";
import { removeFrom, subscribe, SubscribeError, unsubscribe } from "./subscription.ts";

/** What a person has chosen in this browser, if pushes are on. */
interface Choice {
  /** Whether notifications have names and texts. */
  readonly contents: boolean;
}

/**
 * The pushes of one session to this browser: turns them on and off, and adds the browser to the session each time the page
 * connects. While they are on, the worker shows the notifications of open pages as well, so that a message has one.
 */
export class DevicePushes implements Disposable {
  readonly failure = signal<PushFailure>();
  readonly isOn = computed(() => this.#choice.value !== undefined && this.#isPermitted.value);
  readonly hasContents = computed(() => this.#choice.value?.contents ?? true);
  readonly #chat: Chat;
  readonly #registration: ServiceWorkerRegistration;
  readonly #stored: StoredValue<Choice>;
  readonly #choice = signal<Choice>();
  readonly #isPermitted = signal(Notification.permission === "granted");
  readonly #stops: (() => void)[] = [];
  /** The last change of the subscription, in this tab. */
  #last: Promise<void> = Promise.resolve();
  /** The language in which the worker has its sentences, once the browser was added by this page. */
  #renewed: string | undefined;

  constructor(chat: Chat, registration: ServiceWorkerRegistration) {
    this.#chat = chat;
    this.#registration = registration;
    // A user of an application comes back with the same choice; a guest is another one.
    const isKept = chat.settings.peek().auth === "jwt";
    const owner = { prefix: PAGE_PREFIX, publicToken: chat.self.publicToken, isKept };
    this.#stored = ownedValues(owner)("push", isChoice);
    this.#choice.value = this.#stored.read();
    if (!this.isOn.peek()) this.#inTurn(() => unsubscribe(registration)).catch(() => {});
    this.#listen();
  }

  /** Turns pushes on or off. Call it in a click handler: the browser may ask for permission. */
  async switch(): Promise<void> {
    if (this.isOn.peek()) return await this.#change(undefined);
    const answer = await Notification.requestPermission();
    this.#isPermitted.value = answer === "granted";
    if (answer === "granted") {
      if (!wantsDesktop.peek()) await switchDesktop();
      await this.#change({ contents: this.hasContents.peek() });
    } else this.failure.value = answer === "denied" ? "denied" : undefined;
  }

  async switchContents(): Promise<void> {
    await this.#change({ contents: !this.hasContents.peek() });
  }

  /** Subscribes again: the subscription or the server's key may have changed. What fails is tried with the next connection. */
  renew(): void {
    this.#renewed = undefined;
    if (this.isOn.peek()) this.#inTurn(() => this.#subscribe()).catch(() => {});
  }

  /** Ends everything about pushes in this browser, since the session has ended. */
  async end(): Promise<void> {
    if (this.#chat.settings.peek().auth !== "jwt") this.#stored.write(undefined);
    await this.#inTurn(() => unsubscribe(this.#registration));
  }

  [Symbol.dispose](): void {
    for (const stop of this.#stops) stop();
    notifying.show = undefined;
  }

  #listen(): void {
    const { connection, conversations } = this.#chat;
    this.#stops.push(
      this.#stored.watch(() => this.#choice.value = this.#stored.read()),
      effect(() => {
        notifying.show = this.isOn.value ? this.#show : undefined;
        // On Android, pages cannot show notifications themselves.
        if (this.isOn.value) permission.value = "granted";
      }),
      effect(() => {
        const isDue = connection.value.name === "connected" && this.#renewed !== language.value;
        if (isDue) untracked(() => this.renew());
      }),
      effect(() => {
        for (const { readUpTo } of conversations.all.value) readUpTo.value;
        untracked(() => this.#closeRead());
      }),
    );
  }

  async #change(choice: Choice | undefined): Promise<void> {
    let failure: PushFailure | undefined;
    this.failure.value = undefined;
    this.#choice.value = choice;
    const change = () =>
      choice ? this.#subscribe() : removeFrom(this.#chat.client, this.#registration);
    await this.#inTurn(change).catch((error) => {
      failure = error instanceof SubscribeError ? error.failure : "server";
    });
    // If the server cannot be reached to turn them off, it finds that out with its next push.
    if (!choice || !failure) return this.#stored.write(choice);
    this.failure.value = failure;
    this.#choice.value = this.#stored.read();
    if (!this.#choice.peek()) await this.#inTurn(() => unsubscribe(this.#registration));
  }

  async #subscribe(): Promise<void> {
    const { client } = this.#chat;
    const spoken = language.peek();
    const contents = this.hasContents.peek();
    await subscribe({ client, registration: this.#registration, words: this.#words, contents });
    this.#renewed = spoken;
  }

  get #words(): PushWords {
    return {
      owner: this.#chat.self.publicToken,
      lang: document.documentElement.lang,
      newMessage: strings.peek().newMessage,
      system: chatStrings.peek().system,
    };
  }

  /** One change of the subscription at a time, in all tabs. */
  async #inTurn(act: () => Promise<void>): Promise<void> {
    const run = async () => {
      if ("locks" in navigator) await navigator.locks.request(`${PAGE_PREFIX}.push`, act);
      else await act();
    };
    const turn = this.#last.then(run);
    this.#last = turn.catch(() => {});
    await turn;
  }

  readonly #show: typeof notifying.show = async ({ channel, id }, title, options) => {
    const { scope } = this.#registration;
    const address = addressOf(channel, this.#chat.self.publicToken);
    const tag = notificationTag(scope, address);
    // It may have been pushed.
    const shown = await this.#registration.getNotifications({ tag });
    if (shown.some(({ data }) => data?.id >= id)) return;
    const data: NotificationData = { address, id };
    await this.#registration.showNotification(title, { ...options, tag, data });
  };

  /** What was read in any tab or device needs no notification any more. */
  async #closeRead(): Promise<void> {
    const { conversations, self } = this.#chat;
    for (const notification of await this.#registration.getNotifications()) {
      const { address, id }: NotificationData = notification.data ?? {};
      const read = conversations.all.peek()
        .find(({ channel }) => addressOf(channel, self.publicToken) === address);
      if ((read?.readUpTo.peek() ?? -1) >= id) notification.close();
    }
  }
}

function isChoice(value: unknown): value is Choice {
  return isRecord(value) && typeof value.contents === "boolean";
}
