import { isSignedIn } from "../../../server/protocol/guards.ts";
import type { SessionReply } from "../../../server/protocol/replies.ts";
import { logRefusal } from "../i18n/refusals.ts";
import { Chat, type ChatOptions } from "./chat.ts";
import { CometClient } from "../../comet/comet_client.ts";
import { HalleyError } from "../../comet/halley_error.ts";
import { signIn } from "../../comet/api.ts";
import type { SignedIn, StopReason } from "../../comet/halley.ts";
import type { StoredValue } from "../storage/stored_value.ts";
import { type StoredSession, storeName } from "./stored_session.ts";
import { batch, effect, type Signal, signal } from "@preact/signals";
import { NOTICES } from "./address.ts";
import {
  type CheckedTokens,
  checkedTokens,
  TokenError,
  type TokenProvider,
} from "./application_tokens.ts";
import { type ChatStorage, clearStorage } from "../storage/chat_storage.ts";
import { subjectOf } from "../../comet/token_source.ts";

export interface ChatSessionOptions
  extends Pick<ChatOptions, "url" | "fetch" | "isVisible" | "showsNotices"> {
  /** The channel of the only room (the widget) for the session with this public token. */
  readonly roomOf?: (publicToken: string) => string;
  readonly stored: StoredValue<StoredSession>;
  /** Opens the storage of the session with this public token. */
  readonly openStorage: (publicToken: string) => ChatStorage;
  /** With tokens, guests cannot sign in. */
  readonly tokens?: TokenProvider | undefined;
  /** Called when the server has ended a session, before everything that it has stored is removed. */
  readonly onEnded?: (chat: Chat, storage: ChatStorage) => void;
}

/** Whether somebody is signing in, or why the last attempt failed. `no_token`: the application gave no valid token. */
export type SigningIn = "no" | "yes" | HalleyError | "unreachable" | "no_token";

type Credentials = ChatOptions["credentials"];

/** Time in ms between two questions of `refresh`. */
const REFRESH_INTERVAL = 5_000;

/** What an attempt to sign in results in. */
type NewChat = Pick<ChatOptions, "credentials" | "isNew"> & { readonly session: SessionReply };

/**
 * Signs a person in and out, and holds their chat: that of the page, or that of the widget. A guest's session is stored,
 * so that the next page continues it; sessions of tokens are not. When the server ends a session, its chat is closed
 * and everything that it has stored is removed.
 */
export class ChatSession implements Disposable {
  /** The chat of the person who is signed in. */
  readonly chat = signal<Chat>();
  /** Why the server has ended the last session; undefined after an ordinary sign-out. */
  readonly ended = signal<StopReason>();
  readonly signingIn = signal<SigningIn>("no");
  /** How the application signs its users in; undefined for guests. */
  readonly tokens: Signal<CheckedTokens | undefined>;
  readonly #options: ChatSessionOptions;
  readonly #stop: () => void;
  /** Tells the other tabs of this origin, with the same server, the public token of a session that was signed out here. */
  readonly #otherTabs: BroadcastChannel | undefined;
  #storage: ChatStorage | undefined;
  /** The subject of the token with which the chat was opened. */
  #subject: string | undefined;
  /** When `refresh` last asked, on the monotonic clock. */
  #refreshedAt = -REFRESH_INTERVAL;
  /** The chat that is being signed out here. */
  #leaving: Chat | undefined;
  /** The current attempt to sign in. The results of others are ignored. */
  #attempt: object | undefined;

  constructor(options: ChatSessionOptions) {
    this.#options = options;
    this.tokens = signal(options.tokens && checkedTokens(options.tokens));
    if (typeof BroadcastChannel !== "undefined") {
      this.#otherTabs = new BroadcastChannel(`halley.sign-outs:${options.url}`);
    }
    this.resume();
    this.#otherTabs?.addEventListener("message", ({ data }) => {
      if (data === this.chat.peek()?.self.publicToken) this.#close("signed_out");
    });
    this.#stop = effect(() => {
      const chat = this.chat.value;
      if (chat) storeName(chat.self, this.#options.stored);
      const state = chat?.connection.value;
      if (state?.name !== "stopped") return;
      if (state.reason === "signed_out" && this.tokens.peek()) this.#closeKeeping("signed_out");
      else if (state.reason === "signed_out" || state.reason === "kicked") {
        this.#end(state.reason);
      } else if (state.reason === "banned" && state.problem) {
        this.#closeKeeping();
        this.signingIn.value = state.problem;
      } else if (state.reason === "other_user") this.#changeUser();
    });
  }

  /** Signs in with a token, or continues the stored session of a guest. Does nothing if there is neither. */
  async resume(): Promise<void> {
    if (this.chat.peek() || this.signingIn.peek() === "yes") return;
    const tokens = this.tokens.peek();
    const stored = this.#options.stored.read();
    if (tokens) {
      await this.#try(async () => {
        const privateToken = await tokens.getToken();
        if (privateToken !== undefined) return await this.#lookUp({ ...tokens, privateToken });
      });
    } else if (isSignedIn(stored)) await this.#continue(stored);
    else if (stored) await this.#try(() => this.#lookUp({ privateToken: stored.privateToken }));
  }

  /**
   * Asks the application who is signed in now, for a page that the person returns to. Without an answer, the current token
   * stays. Signs in if there is no chat; does nothing for guests.
   */
  async refresh(): Promise<void> {
    const chat = this.chat.peek();
    const tokens = this.tokens.peek();
    if (!tokens) return;
    if (!chat) return await this.resume();
    if (performance.now() - this.#refreshedAt < REFRESH_INTERVAL) return;
    this.#refreshedAt = performance.now();
    const answer = await tokens.getToken().then((token) => ({ token }), () => undefined);
    if (!answer || chat !== this.chat.peek()) return;
    if (answer.token === undefined) this.#closeKeeping("signed_out");
    else if (subjectOf(answer.token) !== this.#subject) this.#changeUser();
  }

  /** Signs in as a guest with this name, out of any other session. */
  async signIn(displayName: string): Promise<void> {
    const chat = this.chat.peek();
    if (chat?.self.displayName === displayName) return;
    if (chat) await this.signOut();
    await this.#try(async () => {
      const { privateToken, ...session } = await signIn({ url: this.#options.url, displayName });
      return { session, credentials: { privateToken }, isNew: true };
    });
  }

  /** Signs in with tokens, out of any other session. */
  async useTokens(tokens: TokenProvider): Promise<void> {
    this.tokens.value = checkedTokens(tokens);
    this.#attempt = undefined;
    this.signingIn.value = "no";
    this.#close();
    await this.resume();
  }

  /** Continues the session of another device, out of any other one. */
  async take(session: SignedIn): Promise<void> {
    await this.signOut();
    this.#options.stored.write(session);
    await this.#continue(session);
  }

  /** Ends the session on the server too, if that can be reached. */
  async signOut(): Promise<void> {
    const chat = this.#leaving = this.chat.peek();
    this.#tellOtherTabs();
    await chat?.signOut().catch(() => {}); // The server removes sessions that nobody uses.
    this.#close();
  }

  /** Closes the chat in all tabs, and removes what it has stored. Ending the session is left to the application. */
  leave(): void {
    this.#tellOtherTabs();
    this.#close();
  }

  /** Closes the chat. The next page continues the session. */
  [Symbol.dispose](): void {
    this.#attempt = undefined;
    this.#stop();
    this.#otherTabs?.close();
    this.chat.peek()?.[Symbol.dispose]();
  }

  /** The server tells them as well, but it may be out of reach. */
  #tellOtherTabs(): void {
    const chat = this.chat.peek();
    if (chat) this.#otherTabs?.postMessage(chat.self.publicToken);
  }

  /** Opens the chat at once with the stored settings, and replaces them by those that the server has now. */
  async #continue({ privateToken, ...session }: SignedIn): Promise<void> {
    const credentials = { privateToken };
    const chat = this.#open({ session, credentials, isNew: false });
    const settings = await chat.updateSettings().catch(() => undefined);
    if (settings && this.chat.peek() === chat) {
      this.#store({ ...session, ...chat.self, settings }, credentials);
    }
  }

  async #try(signIn: () => Promise<NewChat | undefined>): Promise<void> {
    const attempt = this.#attempt = {};
    this.signingIn.value = "yes";
    try {
      const chat = await signIn();
      if (attempt !== this.#attempt) return;
      this.signingIn.value = "no";
      if (!chat) return;
      this.#store(chat.session, chat.credentials);
      this.#open(chat);
    } catch (error) {
      if (attempt !== this.#attempt) return;
      if (error instanceof HalleyError) logRefusal(error);
      const failure = error instanceof TokenError ? "no_token" : "unreachable";
      this.signingIn.value = error instanceof HalleyError ? error : failure;
    }
  }

  /** Asks the server whose credentials these are, with a client that does not poll. */
  async #lookUp(credentials: Credentials): Promise<NewChat> {
    const { url, roomOf } = this.#options;
    const client = new CometClient({ url, ...credentials, share: false });
    try {
      const [session, { conversations }] = await Promise.all([
        client.whoAmI(),
        client.conversations(),
      ]);
      const room = roomOf?.(session.publicToken);
      const isKnown = conversations.some(({ channel }) =>
        room === undefined || channel === room || channel === NOTICES
      );
      // Tabs of the same user share one poll.
      const user = credentials.getToken && { user: session.publicToken };
      return { session, credentials: { ...user, ...credentials }, isNew: !isKnown };
    } finally {
      client[Symbol.dispose](); // Without `using`, which not every browser knows.
    }
  }

  /** Only sessions of guests are stored. */
  #store(session: SessionReply, { privateToken, getToken }: Credentials): void {
    if (!getToken && privateToken) this.#options.stored.write({ ...session, privateToken });
  }

  #open({ session, ...options }: NewChat): Chat {
    const { url, fetch, roomOf, isVisible, showsNotices, openStorage } = this.#options;
    const { settings, ...self } = session;
    const storage = this.#storage = openStorage(self.publicToken);
    this.#subject = subjectOf(options.credentials.privateToken ?? "");
    const chat = new Chat({
      ...options,
      url,
      fetch,
      room: roomOf?.(self.publicToken),
      isVisible,
      showsNotices,
      self,
      settings,
      storage,
    });
    this.chat.value = chat;
    this.ended.value = undefined;
    return chat;
  }

  /** The application has another user now. */
  #changeUser(): void {
    this.#closeKeeping();
    this.resume();
  }

  /** What the person has not sent stays stored, and so does the session: the same person may be signed in again. */
  #closeKeeping(reason?: StopReason): void {
    this.#storage = undefined;
    this.#close(reason);
  }

  /** The server has ended the session. */
  #end(reason: StopReason): void {
    const chat = this.chat.peek();
    const isLost = chat && chat !== this.#leaving;
    if (isLost && this.#storage) this.#options.onEnded?.(chat, this.#storage);
    this.#close(reason);
  }

  #close(reason?: StopReason): void {
    const chat = this.chat.peek();
    if (chat) {
      const { stored } = this.#options;
      chat[Symbol.dispose]();
      if (this.#storage) {
        clearStorage(this.#storage);
        // Another tab may have signed in again.
        if (stored.read()?.publicToken === chat.self.publicToken) stored.write(undefined);
      }
    }
    batch(() => {
      this.chat.value = undefined;
      this.ended.value = reason;
    });
  }
}
