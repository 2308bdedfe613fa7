import { type Channel, formatChannel } from "../../protocol/channel.ts";
import { UNREAD_LIMIT } from "../../protocol/limits.ts";
import type { Message } from "../../protocol/message.ts";
import type { Conversation, Correspondent } from "../../protocol/replies.ts";
import { countsAsUnread } from "../../protocol/unread.ts";
import type { LogReader } from "../log/log_reader.ts";
import type { StoreRequest } from "../log/read_queue.ts";
import { isMessage } from "../model/change.ts";
import { encode } from "../model/message.ts";
import { channelFor, otherOf, visitorOf } from "../model/rights.ts";
import type { ReadMarker, Store } from "../model/store.ts";
import type { Sessions } from "../sessions/sessions.ts";

/** What {@linkcode ConversationLists} is constructed from. */
export interface ConversationListsDeps {
  readonly sessions: Sessions;
  readonly store: Store;
  readonly reader: LogReader;
}

/**
 * Maximum number of further pages that one list reads because own messages fill the first one of a conversation. Beyond
 * it, fewer messages are counted than there are.
 */
const MORE_PAGES = 50;

/** Maximum number of answered messages that one list reads. Beyond it, replies are not counted as mentions. */
const ANSWERED = 100;

/** Number of conversations that are described at the same time, for stores over the network. */
const CONCURRENT = 8;

/** Maximum size in a list of the last message of a conversation as JSON, and the length of a longer one's text. */
const LAST_BYTES = 1_024;
const SHORTENED_LENGTH = 200;

/**
 * Lists the conversations of sessions for {@linkcode Conversations}, with their last messages and the numbers of unread
 * ones: one list at a time for each session.
 */
export class ConversationLists {
  readonly #deps: ConversationListsDeps;
  /** The lists that are being made for a session, and the one after that. */
  readonly #lists = new Map<string, {
    readonly running: Promise<readonly Conversation[]>;
    readonly next?: Promise<readonly Conversation[]>;
  }>();

  constructor(deps: ConversationListsDeps) {
    this.#deps = deps;
  }

  /** All conversations of a session, newest first. Requests that arrive while a list is being made share the next one. */
  list(request: StoreRequest): Promise<readonly Conversation[]> {
    const publicToken = request.owner;
    const { running, next } = this.#lists.get(publicToken) ?? {};
    if (next !== undefined) return next;
    const list: Promise<readonly Conversation[]> = Promise.allSettled([running]).then(() => {
      this.#lists.set(publicToken, { running: list });
      return this.#describeAll(request);
    }).finally(() => {
      if (this.#lists.get(publicToken)?.next === undefined) this.#lists.delete(publicToken);
    });
    this.#lists.set(
      publicToken,
      running === undefined ? { running: list } : { running, next: list },
    );
    return list;
  }

  async #describeAll(request: StoreRequest): Promise<readonly Conversation[]> {
    const markers = await this.#deps.store.sessions.readMarkers(request.owner);
    const budget = newBudget();
    const conversations: Conversation[] = [];
    const left = [...markers];
    const describers = Array.from({ length: CONCURRENT }, async () => {
      for (let marker = left.shift(); marker !== undefined; marker = left.shift()) {
        const conversation = await this.describe(marker, request, budget);
        if (!isWithNobody(conversation)) conversations.push(conversation);
      }
    });
    await Promise.all(describers);
    return conversations.sort((one, other) => (other.last?.id ?? 0) - (one.last?.id ?? 0));
  }

  /** The conversation of a read marker. */
  async describe(
    marker: ReadMarker,
    request: StoreRequest,
    budget = newBudget(),
  ): Promise<Conversation> {
    const { channel, readUpTo } = marker;
    const { store: { log }, reader } = this.#deps;
    const self = request.owner;
    const channels = channel === "notice" ? ["notice", `notice:${self}`] : [channel];
    const { newest, other } = await reader.inTurn(request, async () => ({
      newest: await Promise.all(channels.map((one) => log.history(one, undefined, 1))),
      other: await this.#other(channelFor(self, channel), self),
    }));
    const messages = await Promise.all(channels.map(async (topic, n) => {
      const [entry] = newest[n] ?? [];
      if (entry === undefined || isMessage(entry)) return entry;
      const page = await reader.history(topic, { before: entry.id, limit: 1 }, request);
      return page.messages[0];
    }));
    const [last] = messages.filter((message) => message !== undefined)
      .sort((one, other) => other.id - one.id);
    const upTo = Math.min(last?.id ?? 0, reader.newest);
    const visitor = visitorOf(this.#deps.sessions.guestRights, channel) ?? self;
    const by = { self: { publicToken: self }, visitor: { publicToken: visitor } };
    let [unread, mentions] = [0, 0];
    const read = Math.min(readUpTo, (marker.unreadFrom ?? Infinity) - 1);
    for (let after = read, isFirst = true; after < upTo && unread < UNREAD_LIMIT;) {
      if (!isFirst && budget.pages-- <= 0) break;
      isFirst = false;
      const page = await reader.read(channels, after, { request, withoutChanges: true });
      const counted = page.messages.filter((one) => countsAsUnread(one, by))
        .slice(0, UNREAD_LIMIT - unread);
      unread += counted.length;
      const found = await Promise.all(
        counted.map((one) => this.#isMention(one, self, budget)),
      );
      mentions += found.filter(Boolean).length;
      after = page.upTo;
    }
    return {
      ...{ channel, readUpTo, unread, mentions },
      ...(last && shortened(last)),
      ...(other && { other }),
      ...settingsOf(marker),
    };
  }

  /** Whether a message mentions a session or replies to it. Beyond the budget, replies are not looked up. */
  async #isMention(message: Message, self: string, budget: Budget): Promise<boolean> {
    const { mentions, replyTo } = message;
    if (mentions?.includes(self)) return true;
    if (replyTo === undefined || budget.answered-- <= 0) return false;
    const answered = await this.#deps.store.log.get(replyTo);
    return answered?.from?.publicToken === self;
  }

  async #other(channel: Channel, self: string): Promise<Correspondent | undefined> {
    if (channel.kind !== "direct") return undefined;
    const other = otherOf(channel.pair, self);
    const session = await this.#deps.sessions.find(other);
    if (session === undefined) return undefined;
    const markers = await this.#deps.store.sessions.readMarkers(other);
    const address = formatChannel(channel);
    const marker = markers.find((one) => one.channel === address);
    const { readUpTo = 0, deliveredUpTo = 0 } = marker ?? {};
    return { ...session.person, readUpTo, deliveredUpTo: Math.max(readUpTo, deliveredUpTo) };
  }
}

/** Whether a direct conversation has no messages, and no other person any more. */
function isWithNobody({ channel, last, other }: Conversation): boolean {
  return channel.startsWith("direct:") && last === undefined && other === undefined;
}

/** How much one list may still read. */
interface Budget {
  /** Number of further pages. */
  pages: number;
  /** Number of messages that unread ones reply to. */
  answered: number;
}

function newBudget(): Budget {
  return { pages: MORE_PAGES, answered: ANSWERED };
}

/** What the session has chosen for a conversation, as it stands in lists and exports. */
export function settingsOf({ notify, isPinned, unreadFrom }: ReadMarker): Pick<
  Conversation,
  "notify" | "pinned" | "unreadFrom"
> {
  return {
    ...(notify && { notify }),
    ...(isPinned && { pinned: true }),
    ...(unreadFrom && { unreadFrom }),
  };
}

/** The last message of a conversation for a list: long ones are shortened, since there can be many. */
export function shortened(last: Message): Pick<Conversation, "last" | "shortened"> {
  if (encode(last).bytes <= LAST_BYTES) return { last };
  const { text, data, ...rest } = last;
  if (text === undefined && data === undefined) return { last };
  // A character of two code units may be cut in half.
  const cut = (text ?? JSON.stringify(data)).slice(0, SHORTENED_LENGTH).toWellFormed();
  return { last: { ...rest, text: cut }, shortened: true };
}
