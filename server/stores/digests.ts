import { createHash } from "node:crypto";
import type { Json } from "../protocol/message.ts";
import type { Draft } from "../core/model/message.ts";

/** The form in which a private token is stored: enough to recognize the token, but not to use it. */
export function digestOfToken(privateToken: string): string {
  return createHash("sha256").update(privateToken).digest("base64url");
}

/** Stores need the digest of a draft several times. */
const digests = new WeakMap<Draft, string>();

/** Identifies the content that was sent with an idempotency key. Stored: compare it with {@linkcode hasDigest}. */
export function digestOfDraft(draft: Draft): string {
  const { channel, text, data } = draft;
  if (typeof data !== "object" || data === null) return firstDigestOf(draft);
  let digest = digests.get(draft);
  if (digest === undefined) {
    const head = JSON.stringify([channel, headingOf(draft), text]).slice(0, -1);
    digest = `2.${sha256(`${head},${canonicalJson(data)}]`)}`;
    digests.set(draft, digest);
  }
  return digest;
}

/** The digest of a draft, and the ones that earlier versions computed. */
export function digestsOfDraft(draft: Draft): readonly [string, ...string[]] {
  const digest = digestOfDraft(draft);
  return digest.startsWith("2.") ? [digest, firstDigestOf(draft)] : [digest];
}

/** Whether a stored digest, which an earlier version may have computed, is the digest of this draft. */
export function hasDigest(draft: Draft, digest: string): boolean {
  return digest === (digest.startsWith("2.") ? digestOfDraft(draft) : firstDigestOf(draft));
}

/** Version 1, which depends on the order of members. It has no prefix, and is still used where there are no members. */
function firstDigestOf(draft: Draft): string {
  const { channel, text, data } = draft;
  return sha256(JSON.stringify([channel, headingOf(draft), text, data]));
}

/** The title, and the name of the back end if there is one: its picture is that of the settings. */
function headingOf({ title, as }: Draft) {
  return as === undefined ? title : [title, as.displayName];
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** JSON with sorted members. Written directly: an object with 6,000 sorted members takes four times as long to make. */
function canonicalJson(value: Json): string {
  if (isList(value)) return `[${value.map(canonicalJson).join()}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.keys(value).sort()
    .map((name) => `${JSON.stringify(name)}:${canonicalJson(value[name] ?? null)}`);
  return `{${members.join()}}`;
}

// `Array.isArray` does not narrow a readonly array.
function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
