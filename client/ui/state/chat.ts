import { effect, signal } from "@preact/signals";
import {
  CometClient,
  type ConnectionState,
  type Message,
  type Person,
  type Signal,
  type SignedIn,
} from "../../comet/halley.ts";
import { parseRoomName } from "./address.ts";
import type { Conversation } from "./conversation.ts";
import { Conversations } from "./conversations.ts";
import { keptConversations, keptPlace } from "./kept.ts";
import { People } from "./people.ts";
import { Typing } from "./typing.ts";

/** A place that was left longer ago is not read on from: the history is quicker. */
const PLACE_LASTS = 12 * 3_600_000;

/** Which part a narrow screen shows. */
export type Pane = "list" | "conversation" | "people";

/** How a chat is opened. */
export interface ChatOptions {
  readonly url: string | URL;
  readonly tab: string;
  readonly session: SignedIn;
}

/** All that one signed-in person sees, as signals; and all that one can do. */
export class Chat implements Disposable {
  readonly self: Person;
  readonly conversations: Conversations;
  readonly people: People;
  readonly typing: Typing;
  readonly connection = signal<ConnectionState>({ name: "connecting" });
  readonly pane = signal<Pane>("list");
  readonly #client: CometClient;
  readonly #stopKeeping: () => void;

  constructor({ url, tab, session }: ChatOptions) {
    const { privateToken, ...self } = session;
    const place = keptPlace.read();
    const isFresh = place !== undefined && Date.now() - place.at < PLACE_LASTS;
    const cursor = isFresh ? { cursor: place.cursor } : {};
    const client = this.#client = new CometClient({ url, tab, privateToken, ...cursor });
    this.self = self;
    this.conversations = new Conversations(keptConversations.read() ?? [], { client, self });
    this.people = new People(client, self, () => this.#watchedChannel());
    this.typing = new Typing(client, self);
    for (const { channel } of this.conversations.rooms.value) client.join(channel);
    this.#listen();
    this.#stopKeeping = effect(() => {
      keptConversations.write(this.conversations.all.value.map((one) => one.toKept()));
    });
    client.startWaiting();
    this.#loadAll();
  }

  select(conversation: Conversation): void {
    this.conversations.selected.value = conversation;
    this.pane.value = "conversation";
  }

  /** Joins a room and goes there. `false` if no room can have that name. */
  joinRoom(name: string): boolean {
    const channel = parseRoomName(name);
    if (channel === undefined) return false;
    this.#client.join(channel);
    this.select(this.#loaded(this.conversations.open({ channel })));
    return true;
  }

  /** Leaves a room, or closes a direct conversation. */
  leave(conversation: Conversation): void {
    this.#client.leave(conversation.channel);
    this.conversations.close(conversation);
    this.pane.value = "list";
  }

  talkTo(person: Person): void {
    this.select(this.#loaded(this.conversations.openDirect(person)));
  }

  tryNow(): void {
    this.#client.tryNow();
  }

  /** Polls again after another reader had taken over, or after the server had refused. */
  resume(): void {
    this.#client.startWaiting();
  }

  signOut(): Promise<void> {
    return this.#client.signOut();
  }

  [Symbol.dispose](): void {
    this.#stopKeeping();
    this.#client[Symbol.dispose]();
    this.people[Symbol.dispose]();
    this.typing[Symbol.dispose]();
  }

  #listen(): void {
    this.#client.on("message", (message) => this.#admit(message));
    this.#client.on("signal", (event) => this.#note(event));
    this.#client.on("gap", () => this.#reload());
    this.#client.on("cursor", (cursor) => keptPlace.write({ cursor, at: Date.now() }));
    this.#client.on("state", (state) => this.#follow(state));
  }

  #admit(message: Message): void {
    this.typing.noteMessage(message);
    this.#loaded(this.conversations.forMessage(message)).admit(message);
  }

  #note(event: Signal): void {
    this.people.note(event);
    this.typing.note(event);
  }

  #reload(): void {
    for (const conversation of this.conversations.all.value) conversation.reload();
  }

  #follow(state: ConnectionState): void {
    this.connection.value = state;
    if (state.name !== "connected") return;
    this.people.refresh();
    this.#loadAll();
  }

  #loadAll(): void {
    for (const conversation of this.conversations.all.value) this.#loaded(conversation);
  }

  /** The history is loaded when there is a cursor, so that nothing falls between the two. */
  #loaded(conversation: Conversation): Conversation {
    if (this.#client.cursor !== undefined) conversation.loadFirst();
    return conversation;
  }

  #watchedChannel(): string | undefined {
    const selected = this.conversations.selected.value;
    return selected?.kind === "notices" ? undefined : selected?.channel;
  }
}
