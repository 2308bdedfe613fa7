import { computed, effect, signal } from "@preact/signals";
import type { Message } from "../../comet/halley.ts";
import { conversationOf, NOTICES } from "../../ui/state/address.ts";
import { type TokenProvider, tokensFromUrl } from "../../ui/state/application_tokens.ts";
import { ChatSession, isStoredSession } from "../../ui/state/chat_session.ts";
import { type ChatStorage, openMemoryStorage } from "../../ui/storage/chat_storage.ts";
import { localValue } from "../../ui/storage/stored_value.ts";
import { storageKey, type WidgetOptions } from "../options.ts";

export interface WidgetSessionOptions
  extends Pick<WidgetOptions, "server" | "channel" | "name" | "tokenUrl" | "user"> {
  /** From the page's script; preferred to `tokenUrl`. */
  readonly tokens: TokenProvider | undefined;
  readonly onMessage: (message: Message) => void;
  readonly onNotice: (notice: Message) => void;
  readonly onUnread: (count: number) => void;
}

/**
 * A chat session with one room, on a page of another site. Signs visitors in by the name or the tokens that the page
 * knows, and finds out whether the server allows the page's origin. Only the session is stored.
 */
export class WidgetSession implements Disposable {
  readonly session: ChatSession;
  readonly isOpen = signal(false);
  /** Whether it was ever open. Before that, it shows no notices, and takes none. */
  readonly wasOpened = signal(false);
  /** Whether the server does not allow the origin of this page. */
  readonly isOriginBlocked = signal(false);
  readonly unread = computed(() =>
    this.isOpen.value ? 0 : this.session.chat.value?.unread.value ?? 0
  );
  /** Whether the panel takes the focus when it opens. */
  takesFocus = true;
  readonly #options: WidgetSessionOptions;
  /** Whether the server has answered this page: then it allows its origin, whatever is in front of it later. */
  #isOriginAllowed = false;
  readonly #stops: readonly (() => void)[];

  constructor(options: WidgetSessionOptions) {
    const { server, channel, name, tokens, tokenUrl, user } = this.#options = options;
    const stored = localValue(storageKey(server), isStoredSession);
    // Several people may use this browser, and the page knows who does now.
    if (name !== undefined && stored.read()?.displayName !== name) stored.write(undefined);
    // When the application has another user for a while, the first one finds drafts and unsent messages again.
    const storages = new Map<string, ChatStorage>();
    this.session = new ChatSession({
      url: server,
      room: channel,
      isVisible: this.isOpen,
      showsNotices: this.wasOpened,
      stored,
      openStorage(publicToken) {
        const storage = storages.get(publicToken) ?? openMemoryStorage();
        storages.set(publicToken, storage);
        return storage;
      },
      tokens: tokens ?? (tokenUrl ? tokensFrom(tokenUrl, user) : undefined),
    });
    this.#stops = [
      effect(() => {
        const client = this.session.chat.value?.client;
        const subscriptions = client && [
          client.on("message", (message) => {
            if (message.channel === channel) options.onMessage(message);
            else if (conversationOf(message.channel) === NOTICES) options.onNotice(message);
          }),
          client.on("refused", ({ code }) => console.error(explainRefusal(options, code))),
        ];
        return () => subscriptions?.forEach((one) => one[Symbol.dispose]());
      }),
      this.#watchUnread(),
      effect(() => void this.#explainFailure()),
    ];
  }

  /** The name that the page knows. */
  get name(): string | undefined {
    return this.#options.name;
  }

  /** Shows the room, and signs in if that is possible without asking. */
  async open(takesFocus: boolean): Promise<void> {
    this.takesFocus = takesFocus;
    this.isOpen.value = this.wasOpened.value = true;
    const { session, name } = this;
    await session.resume();
    const isSignedOut = !session.chat.peek() && session.signingIn.peek() !== "yes";
    if (isSignedOut && name !== undefined && !session.tokens.peek()) await session.signIn(name);
  }

  close(): void {
    this.isOpen.value = false;
  }

  /** Stops reading. The next page continues the session. */
  [Symbol.dispose](): void {
    for (const stop of this.#stops) stop();
    this.session[Symbol.dispose]();
  }

  #watchUnread(): () => void {
    let last = 0;
    return effect(() => {
      const count = this.unread.value;
      if (count !== last) this.#options.onUnread(last = count);
    });
  }

  /** If the server cannot be reached, the reason may be that it does not allow this origin. */
  async #explainFailure(): Promise<void> {
    const { chat, signingIn } = this.session;
    const connection = chat.value?.connection.value.name;
    if (connection === "connected") {
      this.#isOriginAllowed = true;
      this.isOriginBlocked.value = false;
    }
    if (connection !== "waiting" && signingIn.value !== "unreachable") return;
    const { server } = this.#options;
    if (this.#isOriginAllowed || this.isOriginBlocked.peek()) return;
    if (!await isOriginBlocked(server) || this.#isOriginAllowed) return;
    this.isOriginBlocked.value = true;
    console.error(
      `Halley: ${server} does not allow this page. Add its origin there: ` +
        `ALLOWED_ORIGINS=${location.origin}. If it is there, a gateway answers without CORS headers, ` +
        "or a script adds a header that is not in ALLOWED_HEADERS",
    );
  }
}

/** For the developer of the page: why the visitor cannot read the room. */
function explainRefusal({ server, channel }: WidgetSessionOptions, code: string): string {
  const reason = code === "too_many_rooms"
    ? "the limit of rooms (ROOMS) is reached"
    : "grant the right with GUEST_READ, or in the visitor's token";
  return `Halley: cannot read "${channel}" on ${server}: ${reason} (${code})`;
}

function tokensFrom(url: string, user: string | undefined): TokenProvider {
  return { getToken: tokensFromUrl(url), ...(user !== undefined && { user }) };
}

/**
 * Whether a server answers requests, but not those of this origin. A page cannot see the reason for which a request
 * fails; but the library can be loaded by pages of every origin, if it is Halley that answers.
 */
async function isOriginBlocked(server: string): Promise<boolean> {
  try {
    const init = { method: "HEAD", cache: "no-store" } as const;
    if (!(await fetch(`${server}halley.js`, init)).ok) return false;
    // The server may have come back in the meantime.
    return await fetch(`${server}api/session`, { cache: "no-store" }).then(() => false, () => true);
  } catch {
    return false;
  }
}
