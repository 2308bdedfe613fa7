import type { MonotonicTime } from "../../base/clock.ts";
import type { Runtime, Timer } from "../../base/runtime.ts";
import type { Deliveries, DeliveryState } from "../../protocol/admin_replies.ts";
import { parseChannel } from "../../protocol/channel.ts";
import type { Message } from "../../protocol/message.ts";
import { isMessage } from "../model/change.ts";
import type { HubEvents, TabAcknowledged } from "../model/hub_events.ts";
import { ignoreUnavailable, Refused } from "../model/refused.ts";
import type { OtherWorkers } from "../model/others.ts";
import { type Asker, isClosed, type Rights, visitorOf } from "../model/rights.ts";
import type { Session } from "../model/session.ts";
import type { Receipt, Store } from "../model/store.ts";
import { isNoticeChannel } from "../model/message.ts";
import type { Presence } from "../presence/presence.ts";
import type { PendingAck } from "../presence/presence_entry.ts";
import type { Sessions } from "../sessions/sessions.ts";
import { UserIds } from "../sessions/user_ids.ts";

/** A tab has acknowledged what it was sent. */
export interface Delivery {
  readonly reader: Session;
  readonly tab: string;
  readonly acked: PendingAck;
}

/** Has its own record of receipts, which it writes first. */
export interface ReceiptJournal {
  /** Records receipts, and then stores them with `add`. If it rejects, it is called with them again. */
  record(receipts: readonly Receipt[], add: () => Promise<void>): Promise<void>;
  /** This number of receipts could not be recorded, and will not be. */
  onLost(count: number): void;
}

/** What {@linkcode Receipts} is constructed from. */
export interface ReceiptsDeps {
  readonly store: Store;
  readonly sessions: Sessions;
  readonly presence: Presence;
  readonly others: OtherWorkers;
  readonly events: Pick<HubEvents, "acknowledgedElsewhere">;
  /** Called with the time in ms from sending a message for one session to its acknowledgement. */
  readonly onAcknowledged: (milliseconds: number) => void;
  readonly runtime: Runtime;
}

/** Deliveries are stored and signalled in batches, at this interval in ms: a busy pair then costs two signals a second. */
const BATCH_INTERVAL = 500;

/** Maximum number of receipts that are kept while the store is unavailable. Beyond it, the oldest ones are lost. */
const MAX_UNSTORED = 10_000;

const NO_JOURNAL: ReceiptJournal = { record: (_, add) => add(), onLost: () => {} };

const NONE: ReadonlyMap<string, number> = new Map();

/**
 * The messages for one session alone that these messages contain, those of its visitor's room included, sent by others;
 * `undefined` if there are none. The messages follow the id `after`; without it they are the newest ones. `notices`: whether the reader gets notices.
 */
export function pendingAckOf(
  { publicToken: reader, rights }: Asker,
  messages: readonly Message[],
  { after, notices }: { readonly after: number | undefined; readonly notices: boolean },
): PendingAck | undefined {
  const [first] = messages;
  if (first === undefined) return undefined;
  let last: Message | undefined;
  let channels: Map<string, number> | undefined;
  for (const message of messages) {
    const { id, channel, from } = message;
    const hasChannel = channel.startsWith("direct:") || visitorOf(rights, channel) === reader;
    if (!hasChannel && !channel.startsWith("notice:") || from?.publicToken === reader) continue;
    last = message;
    if (hasChannel) (channels ??= new Map()).set(channel, id);
  }
  if (last === undefined) return undefined;
  const { id: upTo, at } = last;
  return { after: after ?? first.id - 1, upTo, at, notices, channels: channels ?? NONE };
}

/**
 * Records which messages have reached which tab and which were read, tells the senders, and answers what became of a
 * message.
 */
export class Receipts implements Disposable {
  readonly #deps: ReceiptsDeps;
  readonly #userIds: UserIds;
  readonly #subscription: Disposable;
  #journal = NO_JOURNAL;
  #isDisposed = false;
  /** What could not be stored yet. */
  #unstored: readonly Receipt[] = [];
  #deliveries: { readonly delivery: Delivery; readonly time: MonotonicTime }[] = [];
  #timer: Timer | undefined;

  constructor(deps: ReceiptsDeps) {
    this.#deps = deps;
    this.#userIds = new UserIds(deps);
    this.#subscription = deps.events.acknowledgedElsewhere.add((acknowledged) =>
      this.#onAcknowledgedElsewhere(acknowledged).catch(ignoreUnavailable).catch(reportError)
    );
  }

  /** From now on, all receipts are recorded in a journal, until the end. */
  useJournal(journal: ReceiptJournal): void {
    this.#journal = journal;
  }

  /** Records a delivery with the next batch. */
  addDelivery(delivery: Delivery): void {
    const { runtime, onAcknowledged } = this.#deps;
    onAcknowledged(runtime.wallNow() - delivery.acked.at);
    this.#deliveries.push({ delivery, time: runtime.monotonicNow() });
    this.#flushLater();
  }

  /** Records that a session has read a conversation. If it rejects because the store is unavailable, this is done later. */
  async addSeen(receipt: Omit<Receipt, "kind" | "at">): Promise<void> {
    await this.#add([{ ...receipt, kind: "seen", at: this.#deps.runtime.wallNow() }]);
  }

  /** Stores and signals the collected deliveries. If the store is unavailable, they are stored later. */
  async flush(): Promise<void> {
    this.#deps.runtime.clearTimeout(this.#timer);
    this.#timer = undefined;
    const deliveries = this.#deliveries;
    this.#deliveries = [];
    const receipts = [
      ...this.#unstored,
      ...deliveries.flatMap(({ delivery, time }) =>
        receiptsOf(delivery, this.#deps.runtime.wallTimeOf(time))
      ),
    ];
    this.#unstored = [];
    const newest = new Map<string, { reader: Session; channel: string; upTo: number }>();
    for (const { delivery: { reader, acked } } of deliveries) {
      for (const [channel, upTo] of acked.channels) {
        if (!channel.startsWith("direct:")) continue;
        newest.set(`${reader.publicToken} ${channel}`, { reader, channel, upTo });
      }
    }
    const signalled = [...newest.values()].map((one) => this.#signalDelivered(one));
    await Promise.all([this.#add(receipts), ...signalled]).catch(ignoreUnavailable);
  }

  /** Describes what became of the message with that id. Rejects with `not_found`, also if it is in a visitor's room and `asker` may not read it. */
  async describe(id: number, asker?: { readonly rights: Rights }): Promise<Deliveries> {
    const message = await this.#deps.store.log.get(id);
    const isHidden = message && asker && isClosed(asker.rights, message.channel);
    if (message === undefined || !isMessage(message) || isHidden) {
      throw new Refused("not_found", `There is no message with the id ${id}`);
    }
    const { channel, at } = message;
    const recipient = recipientOf(message);
    return recipient === undefined
      ? { id, channel, at, readers: await this.#progress(channel, id) }
      : { id, channel, at, ...await this.#forOne(recipient, message) };
  }

  /** How far a message has come to a session, according to the stored receipts. */
  async stateOf(publicToken: string, { channel, id }: Message): Promise<DeliveryState> {
    const found = await this.#deps.store.receipts.find(publicToken, channel, id);
    // Receipts of the inbox cover no room.
    const isRoom = channel.startsWith("room:");
    return stateIn(isRoom ? found.filter((receipt) => receipt.channel === channel) : found);
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    this.#dropUnstored();
    this.#deps.runtime.clearTimeout(this.#timer);
    this.#subscription[Symbol.dispose]();
  }

  /** A tab that this node has sent messages acknowledges them by a poll of another one. */
  async #onAcknowledgedElsewhere({ owner, tab, after }: TabAcknowledged): Promise<void> {
    const { presence, sessions } = this.#deps;
    const lease = presence.leaseOf(owner, tab);
    const acked = lease?.pendingAck;
    if (lease === undefined || acked === undefined || after < acked.upTo) return;
    lease.pendingAck = undefined;
    const reader = await sessions.find(owner);
    if (reader !== undefined) this.addDelivery({ reader, tab, acked });
  }

  async #add(receipts: readonly Receipt[]): Promise<void> {
    if (receipts.length === 0) return;
    try {
      await this.#journal.record(receipts, () => this.#deps.store.receipts.add(receipts));
    } catch (error) {
      ignoreUnavailable(error);
      this.#unstored = [...receipts, ...this.#unstored];
      this.#dropUnstored();
      this.#flushLater();
      throw error;
    }
  }

  #flushLater(): void {
    if (this.#isDisposed) return;
    const { runtime } = this.#deps;
    this.#timer ??= runtime.setTimeout(() => this.flush().catch(reportError), BATCH_INTERVAL);
  }

  /** Removes the oldest receipts beyond the maximum, and after the end all. */
  #dropUnstored(): void {
    const count = this.#unstored.length - (this.#isDisposed ? 0 : MAX_UNSTORED);
    if (count <= 0) return;
    this.#unstored = this.#unstored.slice(count);
    this.#journal.onLost(count);
  }

  /** How many readers of a channel have a message, at any worker of this process, and how many do not. */
  async #progress(channel: string, id: number): Promise<NonNullable<Deliveries["readers"]>> {
    const { presence, others } = this.#deps;
    const parts = [presence.progress(channel, id), ...await others.ask("progress", channel, id)];
    const delivered = new Set(parts.flatMap((part) => part.delivered));
    const waiting = new Set(parts.flatMap((part) => part.waiting)).difference(delivered);
    return { delivered: delivered.size, waiting: waiting.size };
  }

  /** Tells both people of a direct channel that a tab of `reader` has its messages up to `upTo`, and stores it. */
  async #signalDelivered(
    { reader, channel, upTo }: {
      readonly reader: Session;
      readonly channel: string;
      readonly upTo: number;
    },
  ): Promise<void> {
    const { runtime, store: { bus, sessions } } = this.#deps;
    const { publicToken, person: from } = reader;
    const signal = { type: "delivered", channel, from, upTo, at: runtime.wallNow() } as const;
    bus.broadcast({ type: "signal", signal });
    await sessions.setReadMarker(publicToken, { channel, readUpTo: 0, deliveredUpTo: upTo });
  }

  async #forOne(publicToken: string, { channel, id }: Message) {
    const { store, sessions, presence, others } = this.#deps;
    const receipts = await store.receipts.find(publicToken, channel, id);
    const session = await sessions.find(publicToken);
    const elsewhere = await others.ask("sessions", [publicToken]);
    const { leases } = presence.entryOf(publicToken) ?? {};
    const polling = [
      ...[...leases?.keys() ?? []].map((tab) => ({ tab, ...leases?.get(tab)?.subscription })),
      ...elsewhere.flatMap((part) => part.get(publicToken)?.tabs ?? []),
    ];
    // A tab that takes no notices does not wait for one.
    const waiting = polling.filter(({ notices = true }) => notices || !isNoticeChannel(channel));
    const names = new Set([...receipts, ...waiting].map(({ tab }) => tab));
    const tabs = [...names].map((tab) => {
      const own = receipts.filter((receipt) => receipt.tab === tab);
      return { tab, state: stateIn(own), ...timesOf(own) };
    });
    const { displayName } = session ?? {};
    const userId = await this.#userIds.find(publicToken);
    const recipient = {
      publicToken,
      ...(displayName !== undefined && { displayName }),
      ...(userId !== undefined && { userId }),
    };
    return { recipient, state: stateIn(receipts), ...timesOf(receipts), tabs };
  }
}

/** The one session that a message is for, besides its sender; `undefined` for messages to many. */
export function recipientOf({ channel: address, from }: Message): string | undefined {
  const channel = parseChannel(address);
  if (channel?.kind === "notice") return channel.to;
  if (channel?.kind !== "direct") return undefined;
  return channel.pair.find((publicToken) => publicToken !== from?.publicToken) ?? channel.pair[0];
}

/** The receipts of a delivery: for the whole inbox, or for the channels that the tab got messages of; for rooms always. */
function receiptsOf({ reader, tab, acked }: Delivery, at: number): readonly Receipt[] {
  const { publicToken } = reader;
  const { after, upTo, notices, channels } = acked;
  const ranges = notices
    ? [["", upTo] as const, ...[...channels].filter(([channel]) => channel.startsWith("room:"))]
    : [...channels];
  return ranges.map(([channel, upTo]) => (
    { kind: "delivered", publicToken, channel, tab, after, upTo, at }
  ));
}

function stateIn(receipts: readonly Receipt[]): DeliveryState {
  if (receipts.some(({ kind }) => kind === "seen")) return "seen";
  return receipts.length > 0 ? "delivered" : "waiting";
}

function timesOf(receipts: readonly Receipt[]) {
  const first = (wanted: Receipt["kind"]) => receipts.find(({ kind }) => kind === wanted)?.at;
  const [deliveredAt, seenAt] = [first("delivered"), first("seen")];
  return {
    ...(deliveredAt !== undefined && { deliveredAt }),
    ...(seenAt !== undefined && { seenAt }),
  };
}
