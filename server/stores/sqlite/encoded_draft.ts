import {
  type Draft,
  encodedAs,
  keyScopeOf,
  messageOf,
  ownerOf,
  ownerOfChanges,
  remember,
  type Topic,
} from "../../core/model/message.ts";
import type { Message } from "../../protocol/message.ts";
import { type DraftDigests, isEarlierDigestOf } from "../digests.ts";

/** A draft as it is stored. Encoded where it is sent, so that a thread that appends it parses nothing. */
export interface EncodedDraft {
  readonly channel: string;
  readonly owner: Topic;
  /** The members of the message's JSON between its id and its time. */
  readonly members: string;
  readonly key?: EncodedKey;
  /** See `Draft`. */
  readonly repeats?: true;
  /** The draft itself, if it was sent in this isolate. */
  readonly source?: Draft;
  /** The draft itself, if it changes an earlier message. */
  readonly change?: Draft;
}

/** An idempotency key, and the content that it was used for. */
export interface EncodedKey {
  readonly scope: string;
  readonly key: string;
  /** The digest of the content. */
  readonly digest: string;
}

const START = '{"id":0,'.length;
const END = ',"at":0}'.length;

export function encodeDraft(draft: Draft, digests: DraftDigests): EncodedDraft {
  const { channel, key, changes, repeats } = draft;
  if (changes !== undefined) {
    return { channel, owner: ownerOfChanges(channel), members: "", change: draft };
  }
  const owner = ownerOf(draft);
  const members = JSON.stringify(messageOf(draft, 0, 0)).slice(START, -END);
  if (key === undefined) return { channel, owner, members };
  const scope = keyScopeOf(draft);
  const encodedKey = { scope, key, digest: digests.of(draft) };
  return { channel, owner, members, key: encodedKey, ...(repeats && { repeats }) };
}

/** Whether a digest, which an earlier version may have stored, is that of a draft's content. */
export function hasDigest({ members, key }: EncodedDraft, stored: string): boolean {
  return stored === key?.digest || isEarlierDigestOf(JSON.parse(`{${members}}`), stored);
}

/** The JSON of the message that a draft becomes. */
export function jsonOf({ members }: EncodedDraft, id: number, at: number): string {
  return `{"id":${id},${members},"at":${at}}`;
}

/** The message that a draft becomes; its JSON is not encoded again. */
export function messageFrom(
  { draft, encoded, id, at }: { draft: Draft; encoded: EncodedDraft; id: number; at: number },
): Message {
  return remember(messageOf(draft, id, at), encodedAs(jsonOf(encoded, id, at)));
}
