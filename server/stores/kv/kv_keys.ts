import type { Topic } from "../../core/model/topics.ts";

/** Where each thing lies in a Deno KV database. A database may hold other programs' keys beside these. */
const ROOT = "halley";

/** Above every id. */
export const MAX_ID = Number.MAX_SAFE_INTEGER;

/** The epoch and the salt. */
export const META = [ROOT, "meta"];

/** The id of the newest message. */
export const HEAD = [ROOT, "head"];

/** The id up to which messages are kept no longer. */
export const TRIMMED = [ROOT, "trimmed"];

/** The number of the newest batch of events. */
export const BUS_HEAD = [ROOT, "bus"];

/** How many tasks there are, and the number of the newest. */
export const QUEUE = [ROOT, "queue"];

export const messageKey = (id: number) => [ROOT, "message", id];
export const topicKey = (topic: Topic, id: number) => [ROOT, "filed", topic, id];
export const idempotencyKey = (keeper: string, key: string) => [ROOT, "key", keeper, key];

/** How many sessions there are. */
export const SESSION_COUNT = [ROOT, "sessions"];
export const sessionKey = (publicToken: string) => [ROOT, "session", publicToken];
export const tokenKey = (digest: string) => [ROOT, "token", digest];
/** Sessions by when they were last seen, or by some time before that. */
export const lastSeenKey = (time: number, publicToken: string) => [ROOT, "seen", time, publicToken];
export const SESSIONS_BY_LAST_SEEN = [ROOT, "seen"];
export const readMarkerKey = (publicToken: string, channel: string) => [
  ...readMarkersPrefix(publicToken),
  channel,
];
export const readMarkersPrefix = (publicToken: string) => [ROOT, "mark", publicToken];

/** What makes receipts of one time differ: a number of the process that wrote them, and its name. */
export type Unique = readonly [number: number, node: string];
export const receiptKey = (publicToken: string, upTo: number, at: number, unique: Unique) => [
  ...receiptsPrefix(publicToken),
  upTo,
  at,
  ...unique,
];
export const receiptsPrefix = (publicToken: string) => [ROOT, "receipt", publicToken];
/** The receipts by their times; leads to {@linkcode receiptKey}. */
export const receiptTimeKey = (at: number, publicToken: string, upTo: number, unique: Unique) => [
  ...RECEIPTS_BY_TIME,
  at,
  publicToken,
  upTo,
  ...unique,
];
export const RECEIPTS_BY_TIME = [ROOT, "receipt_age"];

export const valueKey = (name: string) => [ROOT, "note", name];
export const leaseKey = (name: string) => [ROOT, "lease", name];

export const TASKS = [ROOT, "task"];
export const taskKey = (number: number) => [...TASKS, number];
/** A part of a task's body. */
export const taskChunkKey = (number: number, part: number) => [ROOT, "task_part", number, part];
export const DUE = [ROOT, "due"];
export const dueKey = (due: number, number: number) => [...DUE, due, number];

/** A part of a batch of events. */
export const eventKey = (number: number, part: number) => [ROOT, "event", number, part];
