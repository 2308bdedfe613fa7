import * as v from "valibot";
import type { Json } from "../core/model/message.ts";

/** A word that clients choose: a tab, an idempotency key. */
const word = v.pipe(
  v.string(),
  v.regex(/^[\x21-\x7e]{1,64}$/, "must have 1 to 64 visible ASCII characters"),
);

/** Any JSON: the parser has seen to that. */
const json = v.custom<Json>((value) => value !== undefined);

const place = v.pipe(v.string(), v.regex(/^[0-9]{1,15}$/, "must be an id"), v.transform(Number));

const pageSize = v.pipe(
  v.string(),
  v.regex(/^([1-9][0-9]?|100)$/, "must be a whole number from 1 to 100"),
  v.transform(Number),
);

const publication = v.strictObject({
  to: v.union(
    [v.string(), v.pipe(v.array(v.string()), v.minLength(1))],
    "must be a recipient, or a list of recipients",
  ),
  title: v.exactOptional(v.string()),
  text: v.exactOptional(v.string()),
  data: v.exactOptional(json),
  key: v.exactOptional(word),
});

const publications = v.strictObject({ messages: v.array(publication) });

/** The bodies and queries of the native API; unknown fields do not fit. */
export const schemas = {
  signIn: v.strictObject({ displayName: v.string(), userId: v.exactOptional(v.string()) }),
  publication,
  // By what is there, and not by trying both: what does not fit is then named.
  publish: v.lazy((body) =>
    typeof body === "object" && body !== null && "messages" in body ? publications : publication
  ),
  trace: v.strictObject({
    message: v.exactOptional(place),
    session: v.exactOptional(v.pipe(v.string(), v.nonEmpty())),
  }),
  messageId: v.strictObject({ id: place }),
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
  conversation: v.strictObject({
    readUpTo: v.exactOptional(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
    tab: v.exactOptional(word),
  }),
  liveSessions: v.strictObject({
    search: v.optional(v.pipe(v.string(), v.maxLength(128)), ""),
    after: v.optional(v.pipe(v.string(), v.maxLength(128)), ""),
    limit: v.optional(pageSize, "50"),
  }),
  history: v.strictObject({ before: v.exactOptional(place), limit: v.optional(pageSize, "50") }),
} as const;
