import { createHash } from "node:crypto";
import type { Json } from "../protocol/message.ts";
import type { Draft } from "../core/model/message.ts";

/** The form in which a private token is stored: enough to recognize the token, but not to use it. */
export function digestOfToken(privateToken: string): string {
  return createHash("sha256").update(privateToken).digest("base64url");
}

/** Identifies the content that was sent with an idempotency key. Stored: compare it with {@linkcode hasDigest}. */
export function digestOfDraft(draft: Draft): string {
  const { data } = draft;
  if (typeof data !== "object" || data === null) return firstDigestOf(draft);
  return `2.${firstDigestOf({ ...draft, data: withSortedMembers(data) })}`;
}

/** Whether a stored digest, which an earlier version may have computed, is the digest of this draft. */
export function hasDigest(draft: Draft, digest: string): boolean {
  return digest === (digest.startsWith("2.") ? digestOfDraft(draft) : firstDigestOf(draft));
}

/** Version 1, which depends on the order of members. It has no prefix, and is still used where there are no members. */
function firstDigestOf({ channel, title, text, data }: Draft): string {
  return createHash("sha256").update(JSON.stringify([channel, title, text, data])).digest("hex");
}

function withSortedMembers(value: Json): Json {
  if (isList(value)) return value.map(withSortedMembers);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).sort(([one], [other]) => one < other ? -1 : 1);
  return Object.fromEntries(members.map(([key, inner]) => [key, withSortedMembers(inner)]));
}

// `Array.isArray` does not narrow a readonly array.
function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
