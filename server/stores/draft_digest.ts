import { createHash } from "node:crypto";
import type { Draft } from "../core/model/message.ts";

/** Knows again what was sent with an idempotency key. */
export function digestOfDraft({ channel, title, text, data }: Draft): string {
  return createHash("sha256").update(JSON.stringify([channel, title, text, data])).digest("hex");
}
