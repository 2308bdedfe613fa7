import { computed, effect, signal } from "@preact/signals";
import { isSignedIn } from "../../../server/protocol/guards.ts";
import {
  CometClient,
  HalleyError,
  type Message,
  type SignedIn,
  signIn,
  type StopReason,
} from "../../comet/halley.ts";
import { keptAs } from "../../ui/storage/local_store.ts";
import type { Kept } from "../../ui/storage/storage.ts";
import { storageKey } from "../options.ts";
import { RoomChat, type RoomChatOptions } from "./room_chat.ts";
import { isTurnedAway } from "./cors_probe.ts";
import type { VisitorTokens } from "./visitor_tokens.ts";

/** Whose server it is, which room, and who is told what happens. */
export interface WidgetSessionOptions {
  readonly server: string;
  readonly channel: string;
  /** Signs in with that name, without asking for one. */
  readonly name: string | undefined;
  /** By what the page says who its visitors are; without it they give names. */
  readonly tokens: VisitorTokens | undefined;
  readonly onMessage: (message: Message) => void;
  readonly onUnread: (count: number) => void;
}

/** Somebody's visit to one room, from the page of another site, which keeps the session for the next visit. */
export class WidgetSession implements Disposable {
  readonly chat = signal<RoomChat | undefined>(undefined);
  /** Why one was signed out, to be told once. */
  readonly ended = signal<StopReason | undefined>(undefined);
  readonly signingIn = signal<"no" | "yes" | HalleyError | "unreachable">("no");
  /** Whether the room is looked at. */
  readonly isOpen = signal(false);
  /** Whether the server does not let pages of this site in. */
  readonly isTurnedAway = signal(false);
  readonly unread = computed(() => {
    const count = this.chat.value?.room.unread.value ?? 0;
    return this.isOpen.value ? 0 : count;
  });
  /** Whether the chat takes the focus when it opens. */
  takesFocus = true;
  readonly #options: WidgetSessionOptions;
  readonly #session: Kept<SignedIn>;
  readonly #tokens = signal<VisitorTokens | undefined>(undefined);
  #toldUnread = 0;
  readonly #endings: readonly (() => void)[];

  constructor(options: WidgetSessionOptions) {
    const { server, name, tokens } = this.#options = options;
    this.#tokens.value = tokens;
    this.#session = keptAs(storageKey(server), isSignedIn);
    // On a computer that several people use, the page knows best who sits there now.
    if (name !== undefined && this.#session.read()?.displayName !== name) {
      this.#session.write(undefined);
    }
    this.#goOn();
    this.#endings = [
      effect(() => this.#followState()),
      effect(() => void this.#explain()),
      effect(() => this.#tellUnread()),
    ];
  }

  /** The name that is known without asking. */
  get name(): string | undefined {
    return this.#options.name;
  }

  /** Whether the page says who its visitors are. */
  get hasTokens(): boolean {
    return this.#tokens.value !== undefined;
  }

  /** From now on the page says who its visitor is. */
  async useTokens(tokens: VisitorTokens): Promise<void> {
    this.#tokens.value = tokens;
    this.#forget();
    this.ended.value = undefined;
    await this.comeIn();
  }

  /** Comes in with a token of the page's application, if that gives one. */
  async comeIn(): Promise<void> {
    const tokens = this.#tokens.peek();
    if (!tokens || this.chat.peek() || this.signingIn.peek() === "yes") return;
    this.signingIn.value = "yes";
    try {
      const privateToken = await tokens.getToken();
      if (privateToken !== undefined) await this.#enter({ ...tokens, privateToken });
      this.signingIn.value = "no";
    } catch (error) {
      this.signingIn.value = error instanceof HalleyError ? error : "unreachable";
    }
  }

  /** Looks at the room, and signs in if a name is known. */
  open(takesFocus: boolean): void {
    this.takesFocus = takesFocus;
    this.isOpen.value = true;
    if (!this.chat.peek()) this.#goOn();
    if (!this.#tokens.peek() && !this.chat.peek() && this.name !== undefined) {
      this.signIn(this.name);
    }
  }

  close(): void {
    this.isOpen.value = false;
  }

  /** Signs in with that name, out of any other. */
  async signIn(displayName: string): Promise<void> {
    if (this.chat.peek()?.self.displayName === displayName) return;
    await this.signOut();
    this.signingIn.value = "yes";
    try {
      this.#session.write(await signIn({ url: this.#options.server, displayName }));
      this.signingIn.value = "no";
      this.#goOn({ isNew: true });
    } catch (error) {
      this.signingIn.value = error instanceof HalleyError ? error : "unreachable";
    }
  }

  /** Ends the session on the server too, if that can be reached. */
  async signOut(): Promise<void> {
    try {
      await this.chat.peek()?.signOut();
    } catch {
      // Unreachable: the session ends by itself some day, and this browser forgets it now.
    }
    this.#forget();
    this.ended.value = undefined;
  }

  /** Stops reading. The session is there for the next visit. */
  [Symbol.dispose](): void {
    for (const end of this.#endings) end();
    this.chat.peek()?.[Symbol.dispose]();
  }

  /** Goes on with the session that is kept, if there is one. */
  #goOn({ isNew } = { isNew: false }): void {
    if (this.#tokens.peek()) return void this.comeIn();
    const session = this.#session.read();
    if (!session) return;
    const { privateToken, ...self } = session;
    this.#read({ self, isNew, proof: { privateToken } });
  }

  async #enter(proof: VisitorTokens & { readonly privateToken: string }): Promise<void> {
    const client = new CometClient({ url: this.#options.server, ...proof, share: false });
    const [self, { conversations }] = await Promise.all([client.whoAmI(), client.conversations()])
      // Not by `using`: the build leaves it as it is, and not every browser can read it.
      .finally(() => client[Symbol.dispose]());
    // Who comes into this room for the first time has nothing to make up for.
    const isNew = !conversations.some(({ channel }) => channel === this.#options.channel);
    this.#read({ self, isNew, proof });
  }

  #read(visitor: Pick<RoomChatOptions, "self" | "isNew" | "proof">): void {
    const { server: url, channel, onMessage } = this.#options;
    this.chat.value = new RoomChat({
      url,
      channel,
      isLookedAt: this.isOpen,
      onMessage,
      ...visitor,
    });
    this.ended.value = undefined;
  }

  #forget(reason: StopReason = "signed_out"): void {
    const chat = this.chat.peek();
    if (!chat) return;
    chat[Symbol.dispose]();
    // Another tab may have signed in anew.
    if (this.#session.read()?.publicToken === chat.self.publicToken) this.#session.write(undefined);
    this.chat.value = undefined;
    this.ended.value = reason;
  }

  #followState(): void {
    const state = this.chat.value?.connection.value;
    if (state?.name !== "stopped") return;
    if (state.reason === "signed_out" || state.reason === "kicked") this.#forget(state.reason);
  }

  #tellUnread(): void {
    const count = this.unread.value;
    if (count === this.#toldUnread) return;
    this.#toldUnread = count;
    this.#options.onUnread(count);
  }

  /** Finds out why the server cannot be reached. */
  async #explain(): Promise<void> {
    const isWaiting = this.chat.value?.connection.value.name === "waiting";
    if (!isWaiting && this.signingIn.value !== "unreachable") return;
    const { server } = this.#options;
    if (this.isTurnedAway.peek() || !await isTurnedAway(server)) return;
    this.isTurnedAway.value = true;
    console.error(
      `Halley: the server ${server} does not let pages of "${location.origin}" use it. ` +
        `Its setting ALLOWED_ORIGINS must name them, such as ALLOWED_ORIGINS=${location.origin}`,
    );
  }
}
