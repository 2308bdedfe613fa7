import * as v from "valibot";
import type { Json } from "../core/message.ts";

/** A word that clients choose: a tab, an idempotency key. */
const word = v.pipe(v.string(), v.regex(/^[\x21-\x7e]{1,64}$/, "1 to 64 visible ASCII characters"));

/** Any JSON: the parser has seen to that. */
const json = v.custom<Json>((value) => value !== undefined);

/** The bodies of the native API; unknown fields do not fit. */
export const schemas = {
  signIn: v.strictObject({ displayName: v.string() }),
  poll: v.strictObject({
    cursor: v.exactOptional(v.string()),
    channels: v.exactOptional(v.pipe(v.array(v.string()), v.maxLength(256))),
    hold: v.exactOptional(v.pipe(v.number(), v.finite())),
    tab: v.exactOptional(word),
    turn: v.exactOptional(v.pipe(v.number(), v.safeInteger())),
    state: v.exactOptional(v.picklist(["active", "background"])),
  }),
  send: v.strictObject({
    channel: v.string(),
    text: v.exactOptional(v.string()),
    data: v.exactOptional(json),
    key: v.exactOptional(word),
  }),
  signal: v.strictObject({ channel: v.string(), type: v.literal("typing") }),
  history: v.object({
    before: v.optional(v.pipe(v.string(), v.regex(/^[0-9]{1,15}$/), v.transform(Number))),
    limit: v.optional(
      v.pipe(
        v.string(),
        v.regex(/^[0-9]{1,3}$/),
        v.transform(Number),
        v.minValue(1),
        v.maxValue(100),
      ),
      "50",
    ),
  }),
} as const;
