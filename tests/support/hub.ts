import { Hub, type HubOptions, type OutgoingMessage } from "../../server/core/hub/hub.ts";
import type { Message } from "../../server/protocol/message.ts";
import type { Poll } from "../../server/core/polls/poll.ts";
import type { PollReply } from "../../server/protocol/replies.ts";
import { EVERYDAY_RIGHTS } from "../../server/core/model/rights.ts";
import type { Session } from "../../server/core/model/session.ts";
import type { Retention, Store } from "../../server/core/model/store.ts";
import { IN_MEMORY, SqliteStore } from "../../server/stores/sqlite/sqlite_store.ts";
import { KEEP_ALL } from "./retention.ts";

/** What a server that nobody configured keeps to. */
export const HUB_OPTIONS: HubOptions = {
  hold: 25_000,
  window: { messages: 1_000, bytes: 2 ** 20 },
  waiting: { seats: 10_000, tabsPerSession: 8, tabsPerNetwork: 10_000 },
  sessionAge: 1e12,
  max: { sessions: 1e6, rooms: 1e5 },
  listsRooms: true,
  guestRights: EVERYDAY_RIGHTS,
  reservedNames: ["System"],
  traceCapacity: 0,
  onAcknowledged: () => {},
  onClockAhead: () => {},
};

/** What differs from {@linkcode HUB_OPTIONS} and from keeping everything. */
export interface TestHubOptions extends Partial<HubOptions> {
  readonly retention?: Partial<Retention>;
}

/** A hub over a store in memory, with short ways to say the usual things. */
export class TestHub implements AsyncDisposable {
  readonly hub: Hub;
  readonly store: Store;

  private constructor(hub: Hub, store: Store) {
    this.hub = hub;
    this.store = store;
  }

  static async open(
    { retention, ...options }: TestHubOptions = {},
    store: Store = SqliteStore.open(IN_MEMORY, { ...KEEP_ALL, ...retention }),
  ): Promise<TestHub> {
    return new TestHub(await Hub.open(store, { ...HUB_OPTIONS, ...options }), store);
  }

  /** A person who has just signed in. */
  async signIn(displayName: string): Promise<Session> {
    const { privateToken } = await this.hub.signIn(displayName);
    const session = await this.hub.sessions.authenticate(privateToken);
    if (session === undefined) throw new Error(`${displayName} could not sign in`);
    return session;
  }

  say(session: Session, channel: string, text: string): Promise<Message> {
    return this.send(session, { channel, text });
  }

  async send(session: Session, sending: OutgoingMessage): Promise<Message> {
    return (await this.hub.send(session, sending)).message;
  }

  /** A poll that its reader waits for, and that no signal ends. */
  async poll(session: Session, poll: Partial<Poll> = {}): Promise<PollReply> {
    const answer = await this.hub.poll(session, {
      channels: ["room:tea"],
      tab: "",
      state: "active",
      wantsSignals: false,
      connection: new Request("http://halley.test"),
      ...poll,
    });
    if (answer === undefined) throw new Error("The reader has left");
    return answer;
  }

  /** The newest place, as a first poll is told it. */
  async cursor(session: Session): Promise<string> {
    return (await this.poll(session)).cursor;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.hub[Symbol.asyncDispose]();
    await this.store[Symbol.asyncDispose]();
  }
}

/** What some messages say. */
export function texts({ messages }: { readonly messages: readonly Message[] }): string[] {
  return messages.map(({ text }) => text ?? "");
}
