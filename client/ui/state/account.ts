import { batch, effect, signal } from "@preact/signals";
import { HalleyError, signIn, type StopReason } from "../../comet/halley.ts";
import { kindOf } from "./address.ts";
import { Chat } from "./chat.ts";
import { keptConversations, keptPlace, keptSession } from "./kept.ts";
import { claimTabName } from "./tab_name.ts";

/** Who is signed in, if anyone; and how one comes in and goes out. */
export class Account {
  readonly chat = signal<Chat | undefined>(undefined);
  /** Why one was signed out, to be told once. */
  readonly ended = signal<StopReason | undefined>(undefined);
  readonly signingIn = signal<"no" | "yes" | HalleyError | "unreachable">("no");
  readonly #url = new URL(".", document.baseURI);
  readonly #tab = claimTabName();

  constructor() {
    this.#open();
    effect(() => {
      const state = this.chat.value?.connection.value;
      if (state?.name === "stopped" && state.reason === "signed_out") this.#close();
    });
  }

  async signIn(displayName: string): Promise<void> {
    this.signingIn.value = "yes";
    try {
      keptSession.write(await signIn({ url: this.#url, displayName }));
      keepRooms();
      this.signingIn.value = "no";
      this.#open();
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

  #open(): void {
    const session = keptSession.read();
    if (!session) return;
    this.chat.value = new Chat({ url: this.#url, tab: this.#tab, session });
    this.ended.value = undefined;
  }

  #close(): void {
    const chat = this.chat.peek();
    if (!chat) return;
    chat[Symbol.dispose]();
    // Another tab may have signed in anew.
    if (keptSession.read()?.publicToken === chat.self.publicToken) keptSession.write(undefined);
    batch(() => {
      this.chat.value = undefined;
      this.ended.value = "signed_out";
    });
  }
}

/** Of what an earlier session had, another one has the rooms. */
function keepRooms(): void {
  const rooms = keptConversations.read()?.filter(({ channel }) => kindOf(channel) === "room");
  keptConversations.write(rooms);
  keptPlace.write(undefined);
}
