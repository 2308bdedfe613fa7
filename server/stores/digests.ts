import { createHash } from "node:crypto";
import type { Draft } from "../core/model/message.ts";

/** The form in which a private token is stored: enough to recognize the token, but not to use it. */
export function digestOfToken(privateToken: string): string {
  return createHash("sha256").update(privateToken).digest("base64url");
}

/** Identifies the content that was sent with an idempotency key. Stored, so its input must not change. */
export function digestOfDraft({ channel, title, text, data }: Draft): string {
  return createHash("sha256").update(JSON.stringify([channel, title, text, data])).digest("hex");
}
