/**
 * The schemas that the server validates bodies and queries of the native API with. Unknown members are rejected. Apart
 * from their types, so that the client library does not depend on valibot.
 *
 * @module
 */

import * as v from "valibot";
import {
  BAN_REASON_LENGTH,
  CLIENT_WORD,
  FILES_PER_MESSAGE,
  IDS_PER_REQUEST,
  MENTIONS_PER_MESSAGE,
  PAGE_SIZE,
  POLL_CHANNELS,
  ROOM_NAME_LENGTH,
} from "./limits.ts";
import { type Json, ROOM_EVENTS } from "./message.ts";
import {
  type BanRequest,
  type ConversationRequest,
  type CreateTransferRequest,
  type EditRequest,
  type EndPushRequest,
  NOTIFY,
  type PollRequest,
  type Publication,
  type PushRequest,
  type RenameRequest,
  type SendRequest,
  type SignalRequest,
  type SignInRequest,
  type TransferRequest,
} from "./requests.ts";

/** Stands for bytes of a poll that are not UTF-8. No valid word, name or cursor contains it. */
const REPLACED = "\uFFFD";

/** The id of a file: 22 characters of base64url. */
const FILE_ID = /^[\w-]{22}$/;

const word = v.pipe(
  v.string(),
  v.regex(CLIENT_WORD, "must have 1 to 64 visible ASCII characters"),
);

/** Any JSON value; the JSON parser has validated it already. */
const json = v.custom<Json>((value) => value !== undefined);

// Paths and queries are text. The numbers after the transformation are for the description of the API.
/** A whole number with at most this number of digits in a query. */
function numberOf(digits: number, explanation: string) {
  const pattern = new RegExp(`^[0-9]{1,${digits}}$`);
  const numbers = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(10 ** digits - 1));
  return v.pipe(v.string(), v.regex(pattern, explanation), v.transform(Number), numbers);
}

const messageId = numberOf(15, "must be an id");

const time = v.pipe(
  v.string(),
  v.regex(/^[0-9]{1,15}$/, "must be a Unix time in ms"),
  v.transform(Number),
  v.number(),
  v.integer(),
  v.minValue(0),
  v.maxValue(999_999_999_999_999),
);

const mentions = v.pipe(v.array(v.string()), v.maxLength(MENTIONS_PER_MESSAGE), v.readonly());

/** The ids of files in a body. */
const fileIds = v.pipe(
  v.array(v.pipe(v.string(), v.regex(FILE_ID, "must be the id of a file"))),
  v.minLength(1),
  v.maxLength(FILES_PER_MESSAGE),
  v.readonly(),
);

/** The id of a message in a body. */
const answeredId = v.pipe(v.number(), v.safeInteger(), v.minValue(1));

const messageIds = v.pipe(
  v.string(),
  v.regex(
    new RegExp(`^[0-9]{1,15}(,[0-9]{1,15}){0,${IDS_PER_REQUEST - 1}}$`),
    `must be 1 to ${IDS_PER_REQUEST} ids, separated by commas`,
  ),
);

const pageSize = v.optional(
  v.pipe(
    v.string(),
    v.regex(/^([1-9][0-9]?|100)$/, `must be a whole number from 1 to ${PAGE_SIZE.max}`),
    v.transform(Number),
    v.number(),
    v.integer(),
    v.minValue(1),
    v.maxValue(PAGE_SIZE.max),
  ),
  String(PAGE_SIZE.default),
);

const publication = v.strictObject({
  to: v.union(
    [v.string(), v.pipe(v.array(v.string()), v.minLength(1))],
    "must be a recipient, or a list of recipients",
  ),
  as: v.exactOptional(v.string()),
  replyTo: v.exactOptional(answeredId),
  files: v.exactOptional(fileIds),
  mentions: v.exactOptional(mentions),
  title: v.exactOptional(v.string()),
  text: v.exactOptional(v.string()),
  data: v.exactOptional(json),
  key: v.exactOptional(word),
}) satisfies v.GenericSchema<Publication>;

const publications = v.strictObject({ messages: v.array(publication) });

/** Who is banned. */
const banned = {
  session: v.exactOptional(v.string()),
  user: v.exactOptional(v.string()),
  address: v.exactOptional(v.string()),
};

/** The schemas of all request bodies and queries. */
export const schemas = {
  signIn: v.strictObject({
    displayName: v.string(),
    userId: v.exactOptional(v.string()),
  }) satisfies v.GenericSchema<SignInRequest>,
  rename: v.strictObject({
    displayName: v.string(),
  }) satisfies v.GenericSchema<RenameRequest>,
  createTransfer: v.strictObject({}) satisfies v.GenericSchema<CreateTransferRequest>,
  transfer: v.strictObject({
    code: v.pipe(v.string(), v.maxLength(64)),
  }) satisfies v.GenericSchema<TransferRequest>,
  publication,
  // Chosen by the members that are present instead of by trying both, so that the error names the member at fault.
  publish: v.lazy((body) =>
    typeof body === "object" && body !== null && "messages" in body ? publications : publication
  ),
  trace: v.strictObject({
    message: v.exactOptional(messageId),
    session: v.exactOptional(v.pipe(v.string(), v.nonEmpty())),
  }),
  messageId: v.strictObject({ id: messageId }),
  endSession: v.strictObject({ erase: v.exactOptional(v.picklist(["true", "false"])) }),
  export: v.strictObject({
    user: v.exactOptional(v.string()),
    session: v.exactOptional(v.string()),
    room: v.exactOptional(v.string()),
  }),
  poll: v.strictObject({
    cursor: v.exactOptional(v.pipe(v.string(), v.excludes(REPLACED, "must be UTF-8"))),
    channels: v.exactOptional(v.pipe(v.array(v.string()), v.maxLength(POLL_CHANNELS))),
    notices: v.exactOptional(v.boolean()),
    hold: v.exactOptional(v.pipe(v.number(), v.finite())),
    tab: v.exactOptional(word),
    turn: v.exactOptional(v.pipe(v.number(), v.safeInteger())),
    state: v.exactOptional(v.picklist(["active", "background"])),
  }),
  send: v.strictObject({
    channel: v.string(),
    text: v.exactOptional(v.string()),
    data: v.exactOptional(json),
    event: v.exactOptional(v.picklist(ROOM_EVENTS)),
    replyTo: v.exactOptional(answeredId),
    files: v.exactOptional(fileIds),
    mentions: v.exactOptional(mentions),
    key: v.exactOptional(word),
  }) satisfies v.GenericSchema<SendRequest>,
  upload: v.strictObject({ name: v.optional(v.string(), ""), key: v.exactOptional(word) }),
  edit: v.strictObject({
    title: v.exactOptional(v.string()),
    text: v.exactOptional(v.string()),
    data: v.exactOptional(json),
    mentions: v.exactOptional(mentions),
  }) satisfies v.GenericSchema<EditRequest>,
  signal: v.strictObject({
    channel: v.string(),
    type: v.literal("typing"),
  }) satisfies v.GenericSchema<SignalRequest>,
  push: v.strictObject({
    subscription: v.strictObject({
      endpoint: v.string(),
      expirationTime: v.exactOptional(v.nullable(v.number())),
      keys: v.strictObject({ p256dh: v.string(), auth: v.string() }),
    }),
    serverKey: v.exactOptional(v.pipe(v.string(), v.maxLength(128))),
    contents: v.exactOptional(v.boolean()),
  }) satisfies v.GenericSchema<PushRequest>,
  endPush: v.strictObject({
    endpoint: v.string(),
  }) satisfies v.GenericSchema<EndPushRequest>,
  conversation: v.strictObject({
    readUpTo: v.exactOptional(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
    tab: v.exactOptional(word),
    notify: v.exactOptional(v.picklist(NOTIFY)),
    pinned: v.exactOptional(v.boolean()),
    unreadFrom: v.exactOptional(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
  }) satisfies v.GenericSchema<ConversationRequest>,
  ban: v.strictObject({
    ...banned,
    duration: v.exactOptional(v.pipe(v.number(), v.safeInteger(), v.minValue(1_000))),
    reason: v.exactOptional(v.pipe(v.string(), v.maxLength(BAN_REASON_LENGTH))),
  }) satisfies v.GenericSchema<BanRequest>,
  audit: v.strictObject({ before: v.exactOptional(messageId), limit: pageSize }),
  liftBan: v.strictObject(banned),
  bans: v.strictObject({
    after: v.optional(v.pipe(v.string(), v.maxLength(256)), ""),
    limit: pageSize,
  }),
  liveSessions: v.strictObject({
    search: v.optional(v.pipe(v.string(), v.maxLength(128)), ""),
    sort: v.optional(v.picklist(["token", "name", "since"]), "token"),
    after: v.optional(v.pipe(v.string(), v.maxLength(256)), ""),
    limit: pageSize,
  }),
  history: v.strictObject({
    before: v.exactOptional(messageId),
    after: v.exactOptional(messageId),
    limit: pageSize,
    ids: v.exactOptional(messageIds),
  }),
  search: v.strictObject({
    q: v.string(),
    channel: v.exactOptional(v.string()),
    from: v.exactOptional(v.string()),
    since: v.exactOptional(time),
    until: v.exactOptional(time),
    before: v.exactOptional(messageId),
    limit: pageSize,
  }),
  first: v.strictObject({ since: v.exactOptional(time) }),
  rooms: v.strictObject({
    prefix: v.exactOptional(v.string()),
    all: v.exactOptional(v.literal("true")),
    before: v.exactOptional(messageId),
    limit: pageSize,
    search: v.exactOptional(v.pipe(v.string(), v.maxLength(ROOM_NAME_LENGTH))),
    after: v.exactOptional(v.pipe(v.string(), v.maxLength(ROOM_NAME_LENGTH + 5))),
    present: v.exactOptional(numberOf(9, "must be a number of people")),
  }),
} as const;

/**
 * Whether a body is a valid poll without doubt. That takes a tenth of the time of the schema, which decides about all others.
 */
export function isUsualPoll(body: unknown): body is PollRequest {
  return hasOnly(body, USUAL_POLL);
}

/** Whether a body is a valid message with text without doubt. */
export function isUsualSend(body: unknown): body is SendRequest {
  return hasOnly(body, USUAL_SEND) && "channel" in body;
}

function hasOnly(
  body: unknown,
  members: ReadonlyMap<string, (value: unknown) => boolean>,
): body is object {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return false;
  for (const name in body) {
    const isUsual = members.get(name);
    if (isUsual === undefined || !isUsual(Reflect.get(body, name))) return false;
  }
  return true;
}

const isString = (value: unknown): value is string => typeof value === "string";

const isWord = (value: unknown) => isString(value) && CLIENT_WORD.test(value);

const USUAL_POLL = new Map<string, (value: unknown) => boolean>([
  ["cursor", (value) => isString(value) && !value.includes(REPLACED)],
  [
    "channels",
    (value) => Array.isArray(value) && value.length <= POLL_CHANNELS && value.every(isString),
  ],
  ["notices", (value) => typeof value === "boolean"],
  ["hold", Number.isFinite],
  ["tab", isWord],
  ["turn", Number.isSafeInteger],
  ["state", (value) => value === "active" || value === "background"],
]);

const USUAL_SEND = new Map<string, (value: unknown) => boolean>([
  ["channel", isString],
  ["text", isString],
  ["key", isWord],
  ["replyTo", (value) => Number.isSafeInteger(value) && Number(value) > 0],
]);
