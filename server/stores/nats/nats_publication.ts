import { createHash } from "node:crypto";
import type { Runtime } from "../../base/runtime.ts";
import { type Draft, encode, type Entry, keyScopeOf } from "../../core/model/message.ts";
import { Refused } from "../../core/model/refused.ts";
import { contentOf } from "../digests.ts";
import type { Headers } from "./nats_client.ts";
import type { NewMessage } from "./nats_jetstream.ts";
import { formatSubject } from "./nats_subjects.ts";

/** An entry to publish. */
export interface Publication extends NewMessage {
  readonly draft: Draft;
  /** Its id is 0. */
  readonly entry: Entry;
  /** The stream stores only one message with this id. */
  readonly messageId: string;
  /** In a header: distinguishes what this append has stored from what another one with the same key has. */
  readonly nonce: string | undefined;
}

/** Prepares an entry for a stream, with further headers. */
export function publicationOf(
  { draft, entry, headers }: { draft: Draft; entry: Entry; headers: Headers },
  { stream, runtime }: { stream: string; runtime: Runtime },
): Publication {
  const { json } = encode(entry);
  const hasKey = draft.key !== undefined;
  const messageId = hasKey ? messageIdOf(draft, draft.key) : runtime.randomUUID();
  const nonce = hasKey ? runtime.randomUUID() : undefined;
  return {
    ...{ draft, entry, messageId, nonce },
    subject: formatSubject(stream, ...draft.channel.split(":")),
    payload: `{${json.slice('{"id":0,'.length)}`,
    headers: { "Nats-Msg-Id": messageId, ...headers, ...(nonce && { "Halley-Try": nonce }) },
  };
}

/** Leaves out publications with the key of an earlier one. Refuses if their content is different. */
export function withoutRepeated(publications: readonly Publication[]): readonly Publication[] {
  const firsts = new Map<string, Publication>();
  for (const publication of publications) {
    const { draft, messageId } = publication;
    const first = firsts.get(messageId);
    if (first === undefined) firsts.set(messageId, publication);
    else if (contentOf(first.draft) !== contentOf(draft)) throw keyReused(draft);
  }
  return [...firsts.values()];
}

/** The refusal of a draft whose key was used with other content. */
export function keyReused({ key }: Draft): Refused {
  return new Refused("key_reused", `The key "${key}" was used for another message`);
}

function messageIdOf(draft: Draft, key: string): string {
  const text = JSON.stringify([keyScopeOf(draft), key]);
  return createHash("sha256").update(text).digest("base64url").slice(0, 22);
}
