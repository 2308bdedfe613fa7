import { DEFAULT_HOME as LOBBY } from "../../../server/protocol/channel.ts";
import { computed, effect, signal, untracked } from "@preact/signals";
import {
  CometClient,
  type ConnectionState,
  type Message,
  type Person,
  type Signal,
  type SignedIn,
} from "../../comet/halley.ts";
import { ActiveRooms } from "./active_rooms.ts";
import { kindOf, NOTICES, parseRoomName, parseShortAddress } from "./address.ts";
import { MessageBatcher } from "./message_batcher.ts";
import type { Conversation } from "./conversation.ts";
import { Conversations } from "./conversations.ts";
import { Drafts } from "./drafts.ts";
import { ConversationSync } from "./conversation_sync.ts";
import type { ChatMemory } from "../storage/storage.ts";
import { Names } from "./names.ts";
import { Outbox } from "./outbox.ts";
import { People } from "./people.ts";
import { Typing } from "./typing.ts";

/** A place that was left longer ago is not read on from: the history is quicker. */
const PLACE_LASTS = 12 * 3_600_000;

/** A change is kept when nothing else has changed for so long. */
const KEEP_AFTER = 100;

/** Which part a narrow screen shows. */
export type Pane = "list" | "conversation" | "people";

/** How a chat is opened. */
export interface ChatOptions {
  readonly url: string | URL;
  readonly session: SignedIn;
  /** Whether the session has just begun. */
  readonly isNew: boolean;
  readonly memory: ChatMemory;
  /** The conversations that are always open; the first of them is looked at first. */
  readonly home?: readonly string[];
}

/** All that one signed-in person sees, as signals; and all that one can do. */
export class Chat implements Disposable {
  readonly self: Person;
  readonly names: Names;
  readonly outbox: Outbox;
  readonly conversations: Conversations;
  readonly people: People;
  readonly typing: Typing;
  readonly activeRooms: ActiveRooms;
  readonly connection = signal<ConnectionState>({ name: "connecting" });
  /** Whether what is shown of others can be true: the server was there when it was last asked. */
  readonly isServerThere = signal(false);
  readonly pane = signal<Pane>("list");
  /** In all conversations together. */
  readonly unread = computed(() =>
    this.conversations.all.value.reduce((sum, { unread }) => sum + unread.value, 0)
  );
  readonly #client: CometClient;
  readonly #inStep: ConversationSync;
  readonly #arrivals = new MessageBatcher((messages) => this.#admit(messages));
  readonly #listeners = new Set<(message: Message) => void>();
  readonly #endings: (() => void)[] = [];
  /** Whether it is known what was read before. */
  #isInStep = false;

  constructor({ url, session, isNew, memory, home = [LOBBY, NOTICES] }: ChatOptions) {
    const { privateToken, ...self } = session;
    const place = memory.place.read();
    const isFresh = place !== undefined && Date.now() - place.at < PLACE_LASTS;
    const cursor = isFresh ? { cursor: place.cursor } : {};
    const client = this.#client = new CometClient({ url, privateToken, ...cursor });
    this.self = self;
    const names = this.names = new Names(self);
    const onSent = (message: Message) => this.#admit([message]);
    const outbox = this.outbox = new Outbox({ client, store: memory.outbox, onSent });
    const drafts = new Drafts(memory.drafts);
    const onRead = (channel: string, upTo: number) => this.#inStep.tell(channel, upTo);
    const kept = memory.conversations.read() ?? [];
    const options = { client, self, outbox, names, drafts, onRead };
    const conversations = this.conversations = new Conversations(kept, home, options);
    this.#inStep = new ConversationSync({ client, self, conversations });
    this.people = new People({ client, self, names }, () => this.#watchedChannel());
    this.typing = new Typing(client, self);
    this.activeRooms = new ActiveRooms(client);
    for (const { kind, channel } of conversations.all.value) {
      if (kind === "room") client.join(channel);
    }
    this.#listen(memory);
    this.#start({ isNew });
  }

  /** Calls `listener` with each message that a poll brings, one's own too. */
  onMessage(listener: (message: Message) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  select(conversation: Conversation): void {
    this.conversations.selected.value = conversation;
    this.pane.value = "conversation";
    this.#look();
  }

  /** Goes to the conversation of that short address, opening it if need be. `false` if there is none. */
  go(address: string): boolean {
    const channel = parseShortAddress(address, this.self.publicToken);
    if (channel === undefined) return false;
    const open = this.conversations.find(channel);
    if (open) this.select(open);
    else if (kindOf(channel) === "room") this.#join(channel);
    else this.#talk(this.conversations.open({ channel }, Date.now()));
    return true;
  }

  /** Joins a room and goes there. `false` if no room can have that name. */
  joinRoom(name: string): boolean {
    const channel = parseRoomName(name);
    if (channel !== undefined) this.#join(channel);
    return channel !== undefined;
  }

  talkTo(person: Person): void {
    this.#talk(this.conversations.openDirect(person));
  }

  /** Leaves a room, or closes a direct conversation. */
  leave(conversation: Conversation): void {
    this.#client.leave(conversation.channel);
    this.conversations.close(conversation);
    this.#inStep.tellClosed(conversation.channel);
    this.pane.value = "list";
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
    for (const end of this.#endings) end();
    this.outbox[Symbol.dispose]();
    this.#client[Symbol.dispose]();
    this.#inStep[Symbol.dispose]();
    this.#arrivals[Symbol.dispose]();
    this.people[Symbol.dispose]();
    this.typing[Symbol.dispose]();
  }

  async #start({ isNew }: { readonly isNew: boolean }): Promise<void> {
    const { all, selected } = this.conversations;
    const aside = all.peek().filter((one) => one !== selected.peek());
    // What was said before one came counts as read; asked for any later, what comes at once would count so too.
    if (isNew) await Promise.all(aside.map((one) => one.skip()));
    this.#client.startWaiting();
  }

  #listen(memory: ChatMemory): void {
    this.#client.on("message", (message) => this.#receive(message));
    this.#client.on("signal", (event) => this.#note(event));
    this.#client.on("gap", () => this.#forget());
    this.#client.on("cursor", (cursor) => memory.place.write({ cursor, at: Date.now() }));
    this.#client.on("state", (state) => this.#follow(state));
    this.#endings.push(
      this.#keep(memory),
      effect(() => {
        const { selected } = this.conversations;
        const conversation = selected.value;
        untracked(() => this.#look());
        return () => conversation?.leave();
      }),
    );
  }

  /** Keeps the conversations when they have changed, but not with each message of a rush. */
  #keep({ conversations }: ChatMemory): () => void {
    return effect(() => {
      const kept = this.conversations.all.value.map((one) => one.toKept());
      const timer = setTimeout(() => conversations.write(kept), KEEP_AFTER);
      return () => clearTimeout(timer);
    });
  }

  #receive(message: Message): void {
    this.#arrivals.add(message);
    for (const listener of this.#listeners) listener(message);
  }

  #admit(messages: readonly Message[]): void {
    const byConversation = new Map<Conversation, Message[]>();
    for (const message of messages) {
      this.typing.noteMessage(message);
      const conversation = this.conversations.forMessage(message);
      const those = byConversation.get(conversation);
      if (those) those.push(message);
      else byConversation.set(conversation, [message]);
    }
    for (const [conversation, those] of byConversation) conversation.admit(those);
  }

  #note(event: Signal): void {
    this.people.note(event);
    this.typing.note(event);
    this.#inStep.note(event);
  }

  #forget(): void {
    this.#arrivals.flush();
    for (const conversation of this.conversations.all.value) conversation.forget();
    this.#synchronize();
  }

  #follow(state: ConnectionState): void {
    this.connection.value = state;
    if (state.name !== "connecting") this.isServerThere.value = state.name === "connected";
    if (state.name !== "connected") return;
    this.people.refresh();
    this.#inStep.retry();
    this.#synchronize();
  }

  /** The history is loaded when there is a cursor, so that nothing falls between the two. */
  async #synchronize(): Promise<void> {
    await this.#inStep.read();
    this.#isInStep = true;
    const selected = this.conversations.selected.peek();
    if (selected?.history.isLoaded.peek() === false) selected.look();
  }

  #look(): void {
    if (this.#isInStep) this.conversations.selected.peek()?.look();
  }

  #join(channel: string): void {
    this.#client.join(channel);
    this.#inStep.tell(channel);
    this.select(this.conversations.open({ channel }, Date.now()));
  }

  async #talk(conversation: Conversation): Promise<void> {
    this.#inStep.tell(conversation.channel);
    this.select(conversation);
    if (conversation.other.value) return;
    // Who that is, is known where both are asked for.
    const known = await this.#client.presence(conversation.channel).catch(() => undefined);
    for (const person of known?.present ?? []) conversation.noteOther(person);
  }

  #watchedChannel(): string | undefined {
    const selected = this.conversations.selected.value;
    return selected?.kind === "notices" ? undefined : selected?.channel;
  }
}
