import type { Kind, Topic } from "../../core/model/message.ts";

/**
 * The keys of a Deno KV store. All begin with `ROOT`, because the database may contain other programs' keys. The words in
 * them are part of the stored format, and some are older than the names in the code.
 */
const ROOT = "halley";

/** Greater than any id. */
export const MAX_ID = Number.MAX_SAFE_INTEGER;

/** The epoch and the salt. */
export const META = [ROOT, "meta"];

/** The id of the newest message. */
export const HEAD = [ROOT, "head"];

/** The id up to which messages of all topics have been removed. Written by each trim, so that only one node trims at a time. */
export const TRIMMED = [ROOT, "trimmed"];

/** The id up to which messages of a topic have been removed, an index of these by id, and their number. */
export const MARKS = [ROOT, "cut"];
export const markKey = (topic: Topic) => [...MARKS, topic];
export const MARKS_BY_ID = [ROOT, "cuts"];
export const markIdKey = (id: number, topic: Topic) => [...MARKS_BY_ID, id, topic];
export const MARK_COUNT = [ROOT, "cut_count"];

/** The sizes of owners. Each kind is counted apart. */
export const sizesPrefix = (kind: Kind) => [ROOT, "share", kind];
export const sizeKey = (kind: Kind, owner: Topic) => [...sizesPrefix(kind), owner];
export const totalKey = (kind: Kind, unit: "messages" | "bytes") => [ROOT, "shares", kind, unit];
/** Which messages of an earlier version are not counted yet. */
export const UNCOUNTED = [ROOT, "unshared"];

export const messageKey = (id: number) => [ROOT, "message", id];
export const FILED = [ROOT, "filed"];
export const topicKey = (topic: Topic, id: number) => [...FILED, topic, id];
/** The last message of an earlier version that is stored under the patterns of its room. */
export const PATTERNED = [ROOT, "patterned"];

/** Idempotency keys, an index of them by time, and whether those of an earlier version are in it. */
export const SENT_KEYS = [ROOT, "key"];
export const idempotencyKey = (scope: string, key: string) => [...SENT_KEYS, scope, key];
export const SENT_KEYS_BY_TIME = [ROOT, "key_age"];
export const sentKeyTimeKey = (at: number, scope: string, key: string) => [
  ...SENT_KEYS_BY_TIME,
  at,
  scope,
  key,
];
export const SENT_KEYS_INDEXED = [ROOT, "key_aged"];

/** The number of sessions. */
export const SESSION_COUNT = [ROOT, "sessions"];
export const sessionKey = (publicToken: string) => [ROOT, "session", publicToken];
export const tokenKey = (digest: string) => [ROOT, "token", digest];
/** An index of sessions by the time when they were last seen, or by an earlier time. */
export const SESSIONS_BY_LAST_SEEN = [ROOT, "seen"];
export const lastSeenKey = (time: number, publicToken: string) => [
  ...SESSIONS_BY_LAST_SEEN,
  time,
  publicToken,
];
/** An index of guests that have made no request since they signed in, by the time of that. */
export const UNUSED_SESSIONS = [ROOT, "unused"];
export const unusedKey = (createdAt: number, publicToken: string) => [
  ...UNUSED_SESSIONS,
  createdAt,
  publicToken,
];
export const readMarkersPrefix = (publicToken: string) => [ROOT, "mark", publicToken];
export const readMarkerKey = (publicToken: string, channel: string) => [
  ...readMarkersPrefix(publicToken),
  channel,
];

/** Distinguishes receipts of the same time: a counter of the process that wrote them, and the name of that process. */
export type ReceiptSuffix = readonly [count: number, node: string];
export const receiptsPrefix = (publicToken: string) => [ROOT, "receipt", publicToken];
export const receiptKey = (
  publicToken: string,
  upTo: number,
  at: number,
  suffix: ReceiptSuffix,
) => [...receiptsPrefix(publicToken), upTo, at, ...suffix];
/** An index of receipts by time; its keys contain all parts of {@linkcode receiptKey}. */
export const RECEIPTS_BY_TIME = [ROOT, "receipt_age"];
export const receiptTimeKey = (
  at: number,
  publicToken: string,
  upTo: number,
  suffix: ReceiptSuffix,
) => [...RECEIPTS_BY_TIME, at, publicToken, upTo, ...suffix];

export const valueKey = (name: string) => [ROOT, "note", name];
export const leaseKey = (name: string) => [ROOT, "lease", name];

/** The number of tasks in the queue, and the id of the newest. */
export const QUEUE = [ROOT, "queue"];
export const TASKS = [ROOT, "task"];
export const taskKey = (id: number) => [...TASKS, id];
export const taskChunkKey = (id: number, chunk: number) => [ROOT, "task_part", id, chunk];
/** An index of tasks by the time when they are due. */
export const TASKS_BY_DUE = [ROOT, "due"];
export const dueKey = (due: number, id: number) => [...TASKS_BY_DUE, due, id];

/** The number of the newest batch of events. */
export const BUS_HEAD = [ROOT, "bus"];
export const eventsKey = (batch: number, chunk: number) => [ROOT, "event", batch, chunk];
