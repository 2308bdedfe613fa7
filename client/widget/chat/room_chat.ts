import { effect, type ReadonlySignal, signal } from "@preact/signals";
import {
  CometClient,
  type CometClientOptions,
  type ConnectionState,
  type Message,
  type Person,
  type Signal,
} from "../../comet/halley.ts";
import { MessageBatcher } from "../../ui/state/message_batcher.ts";
import { Conversation } from "../../ui/state/conversation.ts";
import { Drafts } from "../../ui/state/drafts.ts";
import { forgetful } from "../../ui/storage/storage.ts";
import { Names } from "../../ui/state/names.ts";
import { Outbox } from "../../ui/state/outbox.ts";
import { MemoryOutboxStore } from "../../ui/storage/outbox_store.ts";
import { ReadMarkerSender } from "../../ui/state/read_marker_sender.ts";
import { Typing } from "../../ui/state/typing.ts";

/** Which room of which server, and as whom. */
export interface RoomChatOptions {
  readonly url: string;
  readonly channel: string;
  readonly self: Person;
  /** By what the server knows that one is that. */
  readonly proof: Pick<CometClientOptions, "privateToken" | "getToken" | "user">;
  /** Whether the session has just begun. */
  readonly isNew: boolean;
  /** Whether one looks at the room. */
  readonly isLookedAt: ReadonlySignal<boolean>;
  /** Called with each message that is said in the room, one's own too. */
  readonly onMessage: (message: Message) => void;
}

/** All that one person sees of one room, as signals. What was read is kept on the server alone. */
export class RoomChat implements Disposable {
  readonly self: Person;
  readonly room: Conversation;
  readonly typing: Typing;
  readonly connection = signal<ConnectionState>({ name: "connecting" });
  readonly #options: RoomChatOptions;
  readonly #client: CometClient;
  readonly #teller: ReadMarkerSender;
  readonly #outbox: Outbox;
  readonly #arrivals = new MessageBatcher((messages) => this.#admit(messages));
  readonly #stopLooking: () => void;

  constructor(options: RoomChatOptions) {
    const { url, channel, self, proof, isLookedAt } = options;
    const client = this.#client = new CometClient({ url, ...proof, channels: [channel] });
    const onSent = (message: Message) => this.#admit([message]);
    const outbox = this.#outbox = new Outbox({ client, store: new MemoryOutboxStore(), onSent });
    const teller = this.#teller = new ReadMarkerSender(client, () => {});
    this.#options = options;
    this.self = self;
    this.typing = new Typing(client, self);
    this.room = new Conversation({ channel }, {
      client,
      self,
      outbox,
      names: new Names(self),
      drafts: new Drafts(forgetful()),
      onRead: (channel, upTo) => teller.tell(channel, upTo),
    });
    this.#listen();
    this.#start();
    this.#stopLooking = effect(() => isLookedAt.value ? this.#look() : this.room.leave());
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
    this.#stopLooking();
    this.#outbox[Symbol.dispose]();
    this.#client[Symbol.dispose]();
    this.#teller[Symbol.dispose]();
    this.#arrivals[Symbol.dispose]();
    this.typing[Symbol.dispose]();
  }

  async #start(): Promise<void> {
    // What was said before one came counts as read; asked for any later, what comes at once would count so too.
    if (this.#options.isNew) await this.room.skip();
    this.#client.startWaiting();
  }

  #listen(): void {
    const { channel, onMessage } = this.#options;
    this.#client.on("message", (message) => {
      if (message.channel !== channel) return;
      this.#arrivals.add(message);
      onMessage(message);
    });
    this.#client.on("signal", (event) => this.#note(event));
    this.#client.on("gap", () => {
      this.#arrivals.flush();
      this.room.forget();
      this.#synchronize();
    });
    this.#client.on("state", (state) => {
      this.connection.value = state;
      if (state.name === "connected") this.#synchronize();
    });
  }

  #admit(messages: readonly Message[]): void {
    for (const message of messages) this.typing.noteMessage(message);
    this.room.admit(messages);
  }

  #note(event: Signal): void {
    this.typing.note(event);
    if (event.type !== "read" || event.channel !== this.room.channel) return;
    // Of a room one is told only what oneself has read, in another tab.
    this.room.noteRead(event.upTo);
  }

  /** Asks the server what was read, or tells it. */
  async #synchronize(): Promise<void> {
    const { channel, readUpTo, history } = this.room;
    this.#teller.retry();
    const known = await this.#client.conversations().catch(() => undefined);
    const serverSide = known?.conversations.find((one) => one.channel === channel);
    if (serverSide) this.room.takeServerSide(serverSide);
    // What was read is not known: as much as there is when it is here.
    else if (readUpTo.peek() === undefined) history.loadFirst();
    if (this.#options.isLookedAt.peek()) this.#look();
  }

  /** The history is loaded when there is a cursor, so that nothing falls between the two. */
  #look(): void {
    if (this.#client.cursor !== undefined) this.room.look();
  }
}
