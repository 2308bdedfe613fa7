import { computed, effect, type ReadonlySignal } from "@preact/signals";
import { MENTIONS_PER_MESSAGE } from "../../../server/protocol/limits.ts";
import type { Message, Person } from "../../comet/halley.ts";
import { conversationOf } from "./address.ts";
import { type AnsweredMessages, answeredMessages } from "./answered_messages.ts";
import type { Chat } from "./chat.ts";
import { newestFirst } from "./chunks.ts";
import type { Conversation } from "./conversation.ts";
import { notifyOf } from "./conversation_settings.ts";
import type { Draft } from "./draft.ts";
import { mentionParts } from "./mention_text.ts";
import { unreadOf } from "./unread_marks.ts";

/** Number of the newest messages of a conversation whose authors can be mentioned. */
const RECENT = 200;

/** The chosen people of drafts by their names: two people can have the same one. */
const chosenPeople = new WeakMap<Draft, Map<string, string>>();

/** Remembers which person of that name a draft mentions. */
export function choosePerson(draft: Draft, { displayName, publicToken }: Person): void {
  const chosen = chosenPeople.get(draft) ?? new Map<string, string>();
  chosenPeople.set(draft, chosen.set(displayName, publicToken));
}

/** Which messages are meant for this person in rooms: those that mention them, and replies to theirs. */
export class Mentions implements Disposable {
  readonly #chat: Chat;
  readonly #stop: () => void;
  /** A message changes the count of its own conversation alone. */
  readonly #counts = new WeakMap<Conversation, ReadonlySignal<number>>();

  constructor(chat: Chat) {
    this.#chat = chat;
    // Somebody whom a message mentions may have signed out: the text still has the name.
    this.#stop = effect(() => {
      for (const message of chat.outbox.pending.value) {
        if (message.problem?.code !== "unknown_mention") continue;
        const { mentions: _, ...references } = message.references ?? {};
        chat.outbox.retry({ ...message, references });
      }
    });
  }

  [Symbol.dispose](): void {
    this.#stop();
  }

  /** Whether a message mentions this person or replies to them, as far as that is known. Can be read by views. */
  isMention(message: Message, conversation: Conversation): boolean {
    const { publicToken } = this.#chat.self;
    if (conversation.kind !== "room" || message.from?.publicToken === publicToken) return false;
    if (message.mentions?.includes(publicToken)) return true;
    if (message.replyTo === undefined) return false;
    const messages = this.#answeredIn(conversation);
    const answered = messages.get(message.replyTo);
    if (answered === undefined) messages.request(message.replyTo);
    return answered !== undefined && answered !== "gone" &&
      answered.from?.publicToken === publicToken;
  }

  /** The same, after the server was asked what the message replies to, if that is needed. */
  async findMention(message: Message): Promise<boolean> {
    const conversation = this.#chat.conversations.find(conversationOf(message.channel));
    if (!conversation) return message.mentions?.includes(this.#chat.self.publicToken) === true;
    const { replyTo } = message;
    const messages = this.#answeredIn(conversation);
    if (replyTo !== undefined && messages.get(replyTo) === undefined) {
      await messages.request(replyTo);
    }
    return this.isMention(message, conversation);
  }

  /** Number of the unread messages of a conversation that mention this person. Can be read by views. */
  count(conversation: Conversation): number {
    const known = this.#counts.get(conversation) ??
      computed(() => conversation.countUnread((message) => this.isMention(message, conversation)));
    this.#counts.set(conversation, known);
    return known.value;
  }

  /**
   * Number of the unread messages that are meant for this person: those that they want to be notified of. In a room of the
   * inbox, all are.
   */
  countForSelf(conversation: Conversation): number {
    const { kind, settings, channel } = conversation;
    const notify = notifyOf(kind, settings.value);
    if (notify === "none") return 0;
    const isForAll = notify === "all" || this.#chat.isReadByPattern(channel);
    return isForAll ? unreadOf(conversation) : this.count(conversation);
  }

  #answeredIn(conversation: Conversation): AnsweredMessages {
    return answeredMessages(this.#chat, conversation);
  }
}

/** The people who can be mentioned in a conversation: recent authors, the other person, and who is `present`. */
export function mentionable(
  conversation: Conversation,
  present: readonly Person[] = [],
): readonly Person[] {
  const people = new Map<string, Person>();
  let left = RECENT;
  for (const { from } of newestFirst(conversation.history.chunks.peek())) {
    if (left-- === 0) break;
    if (from && !people.has(from.publicToken)) people.set(from.publicToken, from);
  }
  const other = conversation.other.peek();
  for (const person of other ? [other, ...present] : present) {
    people.set(person.publicToken, person);
  }
  people.delete(conversation.self.publicToken);
  return [...people.values()];
}

/**
 * The public tokens of the people whose names a text mentions. Of several with one name, it is the one that was chosen. Of the
 * people whom it mentioned `before` it was edited, those whose names are not known here stay.
 */
export function mentionsIn(
  text: string,
  { draft }: Pick<Conversation, "draft">,
  people: readonly Person[],
  before: readonly string[] = [],
): readonly string[] {
  if (!text.includes("@")) return [];
  const byName = new Map<string, Person[]>();
  for (const person of people) {
    const { displayName } = person;
    byName.set(displayName, [...byName.get(displayName) ?? [], person]);
  }
  const chosen = chosenPeople.get(draft);
  const tokens = mentionParts(text, [...byName.keys()]).flatMap(({ name = "" }) => {
    const named = byName.get(name) ?? [];
    const token = named.find(({ publicToken }) => publicToken === chosen?.get(name)) ?? named[0];
    return token && (named.length === 1 || chosen?.has(name)) ? token.publicToken : [];
  });
  const unknown = before.filter((token) => !people.some((one) => one.publicToken === token));
  return [...new Set([...tokens, ...unknown])].slice(0, MENTIONS_PER_MESSAGE);
}
