import { REACTION_KINDS, REACTIONS } from "../../protocol/limits.ts";
import type { Message } from "../../protocol/message.ts";
import type { Draft, Entry } from "./message.ts";
import { withReaction } from "../../protocol/reactions.ts";
import { isFull } from "./reaction.ts";
import { Refused } from "./refused.ts";

/** Whether an entry of the log is a change of an earlier message. */
export function isChange(entry: Entry): entry is Entry & { readonly message: Message } {
  return entry.message !== undefined;
}

/** Whether a message is there for readers: neither a change nor deleted. */
export function isMessage(entry: Entry): boolean {
  return entry.message === undefined && entry.deletedAt === undefined;
}

/**
 * Why a draft cannot change an entry of the log, if it cannot: a deletion is final, but its sender can still be erased.
 * `undefined` for an entry stands for one that the log does not have.
 */
export function refusalOf(draft: Draft, entry: Entry | undefined): Refused | undefined {
  const { changes = 0, reacts } = draft;
  if (entry === undefined || !canChange(draft, entry)) {
    return new Refused("not_found", `There is no message with the id ${changes}`);
  }
  if (reacts === undefined || !isFull(entry.reactions, reacts)) return undefined;
  const detail = `A message can have ${REACTION_KINDS} kinds of reactions and ${REACTIONS} of ` +
    "them in all: join one of its reactions, or remove one of yours";
  return new Refused("too_many_reactions", detail);
}

function canChange(draft: Draft, entry: Entry): boolean {
  if (isChange(entry) || entry.channel !== draft.channel) return false;
  return isMessage(entry) || draft.erases === true && entry.from !== undefined;
}

/**
 * A message after a change, at the Unix time `at` in ms: with the reaction or the content of the draft, or deleted if that
 * has neither.
 */
export function changedMessage(old: Message, draft: Draft, at: number): Message {
  if (draft.reacts !== undefined) {
    const { reactions: before, ...message } = old;
    const reactions = withReaction(before, draft.reacts);
    return reactions.length > 0 ? { ...message, reactions } : message;
  }
  const { id, channel, from, as, event, replyTo, files, reactions, at: sentAt } = old;
  const { title, text, data, mentions } = draft;
  if (draft.erases) return { id, channel, at: sentAt, deletedAt: at };
  const head = { id, channel, ...(from && { from }), ...(as && { as }), ...(event && { event }) };
  if (text === undefined && data === undefined) return { ...head, at: sentAt, deletedAt: at };
  const body = {
    ...(replyTo !== undefined && { replyTo }),
    ...(title !== undefined && { title }),
    ...(text !== undefined && { text }),
    ...(data !== undefined && { data }),
    ...(mentions !== undefined && { mentions }),
    ...(files && { files }),
    ...(reactions && { reactions }),
  };
  return { ...head, ...body, at: sentAt, editedAt: at };
}

/** The entry of a change. Its JSON begins with its id and the message: see {@linkcode referenceOf}. */
export function changeFrom(
  { id, at, message }: { readonly id: number; readonly at: number; readonly message: Message },
): Entry & { readonly message: Message } {
  return { id, message, channel: message.channel, at };
}

/**
 * What stores keep of a change: only the id of the message, so that its content is in one place. {@linkcode changedBy} finds
 * that id, and {@linkcode resolveChange} adds the message as it is now.
 */
export function referenceOf({ id, message, channel, at }: Entry & { readonly message: Message }) {
  return `{"id":${id},"message":{"id":${message.id}},"channel":${
    JSON.stringify(channel)
  },"at":${at}}`;
}

/** Messages begin with their id and channel. */
const REFERENCE = /^\{"id":\d+,"message":\{"id":(\d+)\}/;

/** The id of the message that a stored change refers to; `undefined` if the JSON is not that of a stored change. */
export function changedBy(json: string): number | undefined {
  if (!json.includes('"message":{"id":')) return undefined;
  const [, id] = REFERENCE.exec(json) ?? [];
  return id === undefined ? undefined : Number(id);
}

/** The JSON of a change, given what is stored of it and the JSON of its message, if the log still has that. */
export function resolveChange(reference: string, message: string | undefined): string {
  const { id, channel, at, message: { id: changed } } = JSON.parse(reference);
  const present = message ?? JSON.stringify({ id: changed, channel, at, deletedAt: at });
  return `{"id":${id},"message":${present},"channel":${JSON.stringify(channel)},"at":${at}}`;
}

/** {@linkcode resolveChange} for decoded entries. */
export function withMessage(change: Entry, message: Message | undefined): Entry {
  if (change.message === undefined) return change;
  const { id, channel, at, message: { id: changed } } = change;
  return { id, message: message ?? { id: changed, channel, at, deletedAt: at }, channel, at };
}
