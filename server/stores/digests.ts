import { createHash, createHmac } from "node:crypto";
import type { Json } from "../protocol/message.ts";
import type { Draft } from "../core/model/message.ts";

/** The form in which a private token is stored: enough to recognize the token, but not to use it. */
export function digestOfToken(privateToken: string): string {
  return createHash("sha256").update(privateToken).digest("base64url");
}

/** Identifies the content of a draft, whatever the order of the members in its data. */
export function contentOf(draft: Draft): string {
  const { channel, text, data } = draft;
  if (typeof data !== "object" || data === null) return firstContentOf(draft);
  const head = JSON.stringify([channel, headingOf(draft), text]).slice(0, -1);
  return `${head},${canonicalJson(data)}]`;
}

/**
 * Makes digests of the content that was sent with an idempotency key, with a secret of the deployment: so nobody who reads
 * what is stored can try which text a deleted message had.
 */
export class DraftDigests {
  readonly #secret: string;

  /** `salt`: see `SessionStore`. */
  constructor(salt: string) {
    this.#secret = `${salt} digests of drafts`;
  }

  of(draft: Draft): string {
    const hmac = createHmac("sha256", this.#secret).update(contentOf(draft));
    return `3.${hmac.digest("base64url")}`;
  }
}

/**
 * Whether an earlier version has stored this digest for the content of a draft. They had no secret: version 2, and version 1,
 * which depends on the order of members and has no prefix.
 */
export function isEarlierDigestOf(draft: Draft, stored: string): boolean {
  return stored === sha256(firstContentOf(draft)) || stored === `2.${sha256(contentOf(draft))}`;
}

/** What version 1 digested: it depends on the order of members. */
function firstContentOf(draft: Draft): string {
  const { channel, text, data } = draft;
  return JSON.stringify([channel, headingOf(draft), text, data]);
}

/**
 * The title, and the name of the back end if there is one: its picture is that of the settings. With what the message replies
 * to, whom it mentions, and the ids of its files, if it has any.
 */
function headingOf({ title, as, replyTo, mentions, files }: Draft) {
  const heading = as === undefined ? title : [title, as.displayName];
  if (replyTo === undefined && mentions === undefined && files === undefined) return heading;
  return { heading, replyTo, mentions, files: files?.map(({ id }) => id) };
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
