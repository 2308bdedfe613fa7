import type { Deliveries, DeliveryState } from "../../protocol/admin_replies.ts";
import { parseChannel } from "../../protocol/channel.ts";
import { Listeners } from "../../base/listeners.ts";
import type { Message } from "../../protocol/message.ts";
import type { Presence } from "../presence/presence.ts";
import { ignoreUnavailable, Refused } from "../model/refused.ts";
import type { Session, Sessions } from "../sessions/sessions.ts";
import { steadyNow } from "../../base/clock.ts";
import type { Receipt, Store } from "../model/store.ts";

/** What was given to a tab, and is acknowledged by a cursor at or after `upTo`. */
export interface PendingAck {
  readonly after: number;
  readonly upTo: number;
  /** When the last of it was sent: Unix time in ms. */
  readonly at: number;
  /** The last direct message of somebody else, by channel. */
  readonly channels: ReadonlyMap<string, number>;
}

/** A tab has what was given to it. */
export interface Delivery {
  readonly reader: Session;
  readonly tab: string;
  readonly given: PendingAck;
}

/** What receipts are made from. */
export interface ReceiptsDeps {
  readonly store: Store;
  readonly sessions: Sessions;
  readonly presence: Presence;
  /** Told how long (ms) after the last of it was sent something was acknowledged. */
  readonly onAcknowledged: (milliseconds: number) => void;
}

/** Deliveries are told and kept together, so often (ms): a busy pair costs two signals a second, not one a message. */
const INTERVAL = 500;

/** Told of deliveries, and of what was read, when they are being kept. */
export type ReceiptListener = (receipts: readonly Receipt[]) => void;

/** Of some messages after a place, or of the newest ones, what a session alone was given by others. */
export function pendingAckOf(
  reader: string,
  place: number | undefined,
  messages: readonly Message[],
): PendingAck | undefined {
  const [first] = messages;
  if (first === undefined) return undefined;
  const after = place ?? first.id - 1;
  let last: Message | undefined;
  const channels = new Map<string, number>();
  for (const message of messages) {
    const { id, channel, from } = message;
    const isDirect = channel.startsWith("direct:");
    if (!isDirect && !channel.startsWith("notice:") || from?.publicToken === reader) continue;
    last = message;
    if (isDirect) channels.set(channel, id);
  }
  return last && { after, upTo: last.id, at: last.at, channels };
}

/** Knows what reached whom, and when. */
export class Receipts implements Disposable {
  readonly #deps: ReceiptsDeps;
  readonly #tellSender: (reader: Session, channel: string, upTo: number) => Promise<void>;
  readonly #listeners = new Listeners<readonly Receipt[]>();
  #deliveries: { readonly delivery: Delivery; readonly at: number }[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `tellSender` is called for each direct channel that something was delivered in. */
  constructor(
    deps: ReceiptsDeps,
    tellSender: (reader: Session, channel: string, upTo: number) => Promise<void>,
  ) {
    this.#deps = deps;
    this.#tellSender = tellSender;
  }

  /** Calls `listener` with each batch of receipts, in the turn in which they are given to the store. */
  follow(listener: ReceiptListener): Disposable {
    return this.#listeners.add(listener);
  }

  /** A tab has what it was given. */
  noteDelivered(delivery: Delivery): void {
    const at = steadyNow();
    this.#deps.onAcknowledged(at - delivery.given.at);
    this.#deliveries.push({ delivery, at });
    this.#timer ??= setTimeout(() => this.flush().catch(reportError), INTERVAL);
  }

  /** A session has read a conversation, up to a message. */
  async noteSeen(receipt: Omit<Receipt, "kind" | "at">): Promise<void> {
    await this.#keep([{ ...receipt, kind: "seen", at: steadyNow() }]);
  }

  /** Keeps and tells the deliveries that were noted. They are not worth failing for. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const deliveries = this.#deliveries;
    this.#deliveries = [];
    const receipts = deliveries.map(({ delivery: { reader, tab, given }, at }): Receipt => {
      const { after, upTo } = given;
      const { publicToken } = reader;
      return { kind: "delivered", publicToken, channel: "", tab, after, upTo, at };
    });
    const newest = new Map<string, { reader: Session; channel: string; upTo: number }>();
    for (const { delivery: { reader, given } } of deliveries) {
      for (const [channel, upTo] of given.channels) {
        newest.set(`${reader.publicToken} ${channel}`, { reader, channel, upTo });
      }
    }
    const told = [...newest.values()].map(({ reader, channel, upTo }) =>
      this.#tellSender(reader, channel, upTo)
    );
    await Promise.all([this.#keep(receipts), ...told]).catch(ignoreUnavailable);
  }

  /** What became of the message of that id. Refuses with `not_found`. */
  async of(id: number): Promise<Deliveries> {
    const message = await this.#deps.store.log.get(id);
    if (message === undefined) throw new Refused("not_found", `There is no message ${id}`);
    const { channel, at } = message;
    const recipient = recipientOf(message);
    return recipient === undefined
      ? { id, channel, at, readers: this.#deps.presence.progress(channel, id) }
      : { id, channel, at, ...await this.#forOne(recipient, message) };
  }

  /** Whether a session has a message, by what is kept. */
  async stateOf(publicToken: string, { channel, id }: Message): Promise<DeliveryState> {
    return stateIn(await this.#deps.store.receipts.find(publicToken, channel, id));
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  async #keep(receipts: readonly Receipt[]): Promise<void> {
    if (receipts.length === 0) return;
    const kept = this.#deps.store.receipts.add(receipts);
    this.#listeners.emit(receipts);
    await kept;
  }

  async #forOne(publicToken: string, { channel, id }: Message) {
    const { store, sessions, presence } = this.#deps;
    const receipts = await store.receipts.find(publicToken, channel, id);
    const session = await sessions.find(publicToken);
    const names = new Set([...receipts.map(({ tab }) => tab), ...presence.tabsOf(publicToken)]);
    const tabs = [...names].map((tab) => {
      const own = receipts.filter((receipt) => receipt.tab === tab);
      return { tab, state: stateIn(own), ...timesOf(own) };
    });
    const { displayName, userId } = session ?? {};
    const recipient = {
      publicToken,
      ...(displayName !== undefined && { displayName }),
      ...(userId !== undefined && { userId }),
    };
    return { recipient, state: stateIn(receipts), ...timesOf(receipts), tabs };
  }
}

/** The session that a message is for alone, beside its sender. */
export function recipientOf({ channel: address, from }: Message): string | undefined {
  const channel = parseChannel(address);
  if (channel?.kind === "notice") return channel.to;
  if (channel?.kind !== "direct") return undefined;
  return channel.pair.find((publicToken) => publicToken !== from?.publicToken) ?? channel.pair[0];
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
