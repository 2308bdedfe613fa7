import { Hub } from "../../server/core/hub/hub.ts";
import type { OutgoingMessage } from "../../server/core/model/content.ts";
import type { HubOptions } from "../../server/core/hub/hub_options.ts";
import type { Message } from "../../server/protocol/message.ts";
import type { Poll } from "../../server/core/polls/poll.ts";
import type { PollReply } from "../../server/protocol/replies.ts";
import { DEFAULT_HOME } from "../../server/protocol/channel.ts";
import { DEFAULT_RIGHTS } from "../../server/core/model/rights.ts";
import type { Session } from "../../server/core/model/session.ts";
import type { Retention, Store } from "../../server/core/model/store.ts";
import { IN_MEMORY, SqliteStore } from "../../server/stores/sqlite/sqlite_store.ts";
import { KEEP_ALL } from "./retention.ts";

/** The options of a server with default settings. */
export const HUB_OPTIONS: HubOptions = {
  hold: 25_000,
  window: { messages: 1_000, bytes: 2 ** 20 },
  waiting: { seats: 10_000, tabsPerSession: 8, tabsPerNetwork: 10_000 },
  sessionAge: 1e12,
  editTime: 86_400_000,
  max: { sessions: 1e6, rooms: 1e5 },
  listsRooms: true,
  home: DEFAULT_HOME,
  guestRights: DEFAULT_RIGHTS,
  reservedNames: ["System"],
  traceBytes: 0,
  onAcknowledged: () => {},
  onClockAhead: () => {},
};

/** Options that differ from {@linkcode HUB_OPTIONS} and from unlimited retention. */
export interface TestHubOptions extends Partial<HubOptions> {
  readonly retention?: Partial<Retention>;
}

/** A hub over a store in memory, with shortcuts for tests. */
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

  /** Signs a guest in. */
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

  /** Polls without signals. The reader waits for the reply. */
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

  /** The newest cursor, as a first poll returns it. */
  async cursor(session: Session): Promise<string> {
    return (await this.poll(session)).cursor;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.hub[Symbol.asyncDispose]();
    await this.store[Symbol.asyncDispose]();
  }
}

/** The texts of messages. */
export function texts({ messages }: { readonly messages: readonly Message[] }): string[] {
  return messages.map(({ text }) => text ?? "");
}
