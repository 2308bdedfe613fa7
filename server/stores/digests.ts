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
 * Recognizes the content that was sent with an idempotency key. What is stored is made with a secret of the deployment, so
 * that nobody who reads it can try which text a deleted message had.
 */
export class DraftDigests {
  readonly #secret: string;
  /** Stores need the digests of a draft several times. */
  readonly #digests = new WeakMap<Draft, Digests>();

  /** `salt`: see `SessionStore`. */
  constructor(salt: string) {
    this.#secret = `${salt} digests of drafts`;
  }

  /** The digest of a draft to store, and the ones that earlier versions have stored. */
  of(draft: Draft): Digests {
    let digests = this.#digests.get(draft);
    if (digests === undefined) {
      const earlier = earlierDigestsOf(draft);
      const hmac = createHmac("sha256", this.#secret).update(earlier[0]);
      this.#digests.set(draft, digests = [`3.${hmac.digest("base64url")}`, ...earlier]);
    }
    return digests;
  }
}

/** Digests of the same content, the present one first. */
export type Digests = readonly [string, ...string[]];

/** Digests without a secret: version 2, and version 1, which depends on the order of members and has no prefix. */
function earlierDigestsOf(draft: Draft): Digests {
  const first = sha256(firstContentOf(draft));
  const { data } = draft;
  const hasMembers = typeof data === "object" && data !== null;
  return hasMembers ? [`2.${sha256(contentOf(draft))}`, first] : [first];
}

/** What version 1 digested: it depends on the order of members. */
function firstContentOf(draft: Draft): string {
  const { channel, text, data } = draft;
  return JSON.stringify([channel, headingOf(draft), text, data]);
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
