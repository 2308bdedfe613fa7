import { batch, effect, signal } from "@preact/signals";
import { HalleyError, type SignedIn, signIn, type StopReason } from "../../comet/halley.ts";
import { Chat } from "./chat.ts";
import type { ChatMemory, Kept } from "../storage/storage.ts";

/** Where the server is, and what outlives the page. */
export interface AccountOptions {
  readonly url: string | URL;
  readonly session: Kept<SignedIn>;
  /** What is kept of the session with that public token. */
  readonly openMemory: (publicToken: string) => ChatMemory;
  /** See `ChatOptions`. */
  readonly home?: readonly string[];
}

/** Who is signed in, if anyone; and how one comes in and goes out. */
export class Account {
  readonly chat = signal<Chat | undefined>(undefined);
  /** Why one was signed out, to be told once. */
  readonly ended = signal<StopReason | undefined>(undefined);
  readonly signingIn = signal<"no" | "yes" | HalleyError | "unreachable">("no");
  readonly #options: AccountOptions;
  #memory: ChatMemory | undefined;

  constructor(options: AccountOptions) {
    this.#options = options;
    this.#open();
    effect(() => {
      const state = this.chat.value?.connection.value;
      if (state?.name === "stopped" && isEnd(state.reason)) this.#close(state.reason);
    });
  }

  async signIn(displayName: string): Promise<void> {
    this.signingIn.value = "yes";
    try {
      this.#options.session.write(await signIn({ url: this.#options.url, displayName }));
      this.signingIn.value = "no";
      this.#open({ isNew: true });
    } catch (error) {
      this.signingIn.value = error instanceof HalleyError ? error : "unreachable";
    }
  }

  /** Ends the session on the server too, if that can be reached. */
  async signOut(): Promise<void> {
    const chat = this.chat.value;
    try {
      await chat?.signOut();
    } catch {
      // Unreachable: the session ends by itself some day, and this browser forgets it now.
    }
    this.#close();
    this.ended.value = undefined;
  }

  #open({ isNew } = { isNew: false }): void {
    const { session, openMemory, url, home } = this.#options;
    const signedIn = session.read();
    if (!signedIn) return;
    const memory = this.#memory = openMemory(signedIn.publicToken);
    this.chat.value = new Chat({
      url,
      session: signedIn,
      isNew,
      memory,
      ...(home && { home }),
    });
    this.ended.value = undefined;
  }

  #close(reason: StopReason = "signed_out"): void {
    const chat = this.chat.peek();
    if (!chat) return;
    chat[Symbol.dispose]();
    if (this.#memory) clear(this.#memory);
    // Another tab may have signed in anew.
    const { session } = this.#options;
    if (session.read()?.publicToken === chat.self.publicToken) session.write(undefined);
    batch(() => {
      this.chat.value = undefined;
      this.ended.value = reason;
    });
  }
}

/** Whether the session is over. */
function isEnd(reason: StopReason): boolean {
  return reason === "signed_out" || reason === "kicked";
}

/** Leaves nothing to who signs in next. */
function clear({ conversations, place, drafts, outbox }: ChatMemory): void {
  for (const kept of [conversations, place, drafts]) kept.write(undefined);
  outbox.clear();
}
