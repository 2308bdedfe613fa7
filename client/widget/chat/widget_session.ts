import { computed, effect, type ReadonlySignal, signal, untracked } from "@preact/signals";
import { isStoredSession } from "../../ui/state/stored_session.ts";
import { type TokenProvider, tokensFromUrl } from "../../ui/state/application_tokens.ts";
import { conversationOf, NOTICES } from "../../ui/state/address.ts";
import type { Message } from "../../comet/halley.ts";
import { channelOf, isPublic, isRoom, type Problem, problemOfGuests } from "./room_access.ts";
import { roomKey, sessionKey, type WidgetOptions } from "../options.ts";
import { ChatSession } from "../../ui/state/chat_session.ts";
import { type LoadingMore, loadMore, type More } from "./load_more.ts";
import type { Chat } from "../../ui/state/chat.ts";
import { clearStorage, openChatStorage } from "../../ui/storage/chat_storage.ts";
import { localValue } from "../../ui/storage/stored_value.ts";

export interface WidgetSessionOptions extends WidgetOptions {
  /** From the page's script; preferred to those of `data-token-url`. */
  readonly tokens: TokenProvider | undefined;
  /** Whether the visitor has opened the chat on this page or an earlier one. */
  readonly wasOpened: boolean;
  readonly onMessage: (message: Message) => void;
  readonly onNotice: (notice: Message) => void;
  readonly onUnread: (count: number) => void;
}

/**
 * A chat session with one room, on a page of another site. Signs visitors in by the name or the tokens that the page
 * knows, and finds out whether they can use the room.
 */
export class WidgetSession implements Disposable {
  readonly session: ChatSession;
  readonly isOpen = signal(false);
  /** Whether it was ever open. Before that, it shows no notices, and takes none. */
  readonly wasOpened = signal(false);
  /** Why nobody can chat here, for the developer of the page. */
  readonly problem = signal<Problem>();
  readonly unread = computed(() =>
    this.isOpen.value ? 0 : this.session.chat.value?.unread.value ?? 0
  );
  /** What nobody needs before they can type. */
  readonly more: ReadonlySignal<More | undefined>;
  /** Whether the panel takes the focus when it opens. */
  takesFocus = true;
  readonly #options: WidgetSessionOptions;
  readonly #loading: LoadingMore;
  /** Whether the server has answered this page: then it allows its origin, whatever is in front of it later. */
  #isOriginAllowed = false;
  /** Whether the application signs its users in. */
  #usesTokens: boolean;
  readonly #stops: (() => void)[];

  constructor(options: WidgetSessionOptions) {
    const { server, room, data, tokens } = this.#options = options;
    const { tokenUrl = "", user } = data;
    this.wasOpened.value = options.wasOpened;
    const more = this.#loading = loadMore(server);
    this.more = more.loaded;
    const stored = localValue(sessionKey(options), isStoredSession);
    const given = tokens ?? (tokenUrl ? tokensFrom(tokenUrl, user) : undefined);
    this.#usesTokens = given !== undefined;
    const openStorage = (publicToken: string) =>
      openChatStorage({
        prefix: roomKey(options),
        publicToken,
        isKept: this.#usesTokens,
        outbox: more.openOutbox(`${sessionKey(options)}.outbox`, publicToken),
      });
    // Several people may use this browser, and the page knows who does now.
    const { displayName, publicToken } = stored.read() ?? {};
    if (publicToken && this.name !== undefined && displayName !== this.name) {
      clearStorage(openStorage(publicToken));
      stored.write(undefined);
    }
    this.session = new ChatSession({
      url: server,
      roomOf: (publicToken) => channelOf(room, publicToken),
      isVisible: this.isOpen,
      showsNotices: this.wasOpened,
      stored,
      openStorage,
      tokens: given,
    });
    const refresh = () => this.#refresh();
    document.addEventListener("visibilitychange", refresh);
    addEventListener("pageshow", refresh);
    this.#stops = [
      () => document.removeEventListener("visibilitychange", refresh),
      () => removeEventListener("pageshow", refresh),
      effect(() => {
        const chat = this.session.chat.value;
        if (chat) return this.#watch(chat);
      }),
      this.#watchUnread(),
      effect(() => void this.#explainFailure()),
      effect(() => {
        const problem = this.problem.value;
        if (problem) this.more.value?.explainProblem({ server, room, problem });
      }),
    ];
  }

  /** The name that the page knows. */
  get name(): string | undefined {
    return this.#options.data.name?.trim() || undefined;
  }

  get storageKey(): string {
    return roomKey(this.#options);
  }

  /** Shows the room, and signs in if that is possible without asking. */
  async open(takesFocus: boolean): Promise<void> {
    this.takesFocus = takesFocus;
    this.isOpen.value = this.wasOpened.value = true;
    const { session, name } = this;
    const { server, room } = this.#options;
    this.problem.value = isRoom(room) ? undefined : "room";
    if (this.problem.peek()) return;
    await session.resume();
    if (session.chat.peek() || session.signingIn.peek() === "yes" || session.tokens.peek()) return;
    const checked = problemOfGuests(server, room).then((problem) => {
      if (problem === "unreachable") return this.#checkOrigin();
      if (problem && !session.tokens.peek()) this.problem.value = problem;
    });
    if (name === undefined) return;
    await checked;
    if (!this.problem.peek()) await session.signIn(name);
  }

  /** Runs when the rest of the chat is loaded. The result is called when the widget ends. */
  onMore(start: (more: More) => () => void): void {
    this.#stops.push(effect(() => {
      const more = this.more.value;
      return more && untracked(() => start(more));
    }));
  }

  close(): void {
    this.isOpen.value = false;
  }

  /** Finds out again whether somebody can chat here. */
  retry(): void {
    const chat = this.session.chat.peek();
    const room = chat?.conversations.home;
    this.problem.value = undefined;
    chat?.tryNow();
    if (room?.refused.peek()) chat?.client.join(room.channel);
    this.open(true);
  }

  async useTokens(tokens: TokenProvider): Promise<void> {
    this.problem.value = undefined;
    this.#usesTokens = true;
    await this.session.useTokens(tokens);
  }

  /** Stops reading. The next page continues the session. */
  [Symbol.dispose](): void {
    for (const stop of this.#stops) stop();
    this.session[Symbol.dispose]();
  }

  /** The page may have another user when the person returns to it. */
  #refresh(): void {
    const { session } = this;
    if (!document.hidden && session.ended.peek() !== "kicked") session.refresh();
  }

  #watch({ client, self, settings }: Chat): () => void {
    const { room, onMessage, onNotice } = this.#options;
    const channel = channelOf(room, self.publicToken);
    if (isPublic(room, settings.peek().visitorRooms)) this.problem.value = "public";
    // The application may have signed the visitor in without the chat being opened.
    if (!isRoom(room)) this.problem.value = "room";
    const subscriptions = [
      client.on("message", (message) => {
        if (message.channel === channel) onMessage(message);
        else if (conversationOf(message.channel) === NOTICES) onNotice(message);
      }),
      client.on("refused", ({ code }) => this.problem.value = code),
      client.on("admitted", () => this.problem.value = undefined),
    ];
    return () => subscriptions.forEach((one) => one[Symbol.dispose]());
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
      if (this.problem.peek() === "origin") this.problem.value = undefined;
    }
    if (connection !== "waiting" && signingIn.value !== "unreachable") return;
    if (this.#isOriginAllowed || this.problem.peek()) return;
    await this.#checkOrigin();
  }

  async #checkOrigin(): Promise<void> {
    const isBlocked = await this.#loading.isOriginBlocked();
    if (isBlocked && !this.#isOriginAllowed) this.problem.value = "origin";
  }
}

function tokensFrom(url: string, user: string | undefined): TokenProvider {
  return { getToken: tokensFromUrl(url), ...(user && { user }) };
}
