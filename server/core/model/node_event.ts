import type { Person } from "../../protocol/message.ts";
import { isNotify } from "../../protocol/requests.ts";
import type { Signal } from "../../protocol/signal.ts";
import type { EndReason } from "./hub_events.ts";

/** The presence of one session through its polls to one node. */
export interface NodePresence {
  readonly person: Person;
  /** In general, whatever it reads. */
  readonly state: "active" | "background" | "offline";
  /** The channels in which it is active, and those in which it is only in the background. */
  readonly active: readonly string[];
  readonly background: readonly string[];
}

/** An event that a node sends to all nodes. `node` is the id of the sender: random for each life of a process. */
export type NodeEvent =
  | {
    readonly type: "signal";
    readonly signal: Signal;
    /** Whether it is only for the tabs of the session that caused it. */
    readonly own?: true;
  }
  | {
    /** A tab now polls the sender: a poll of it with a lower turn, parked elsewhere, is superseded. */
    readonly type: "tabConnected";
    readonly node: string;
    readonly owner: string;
    readonly tab: string;
    readonly turn: number;
    /** The id that its cursor acknowledges. */
    readonly after?: number;
  }
  | {
    /** The presence of some sessions on the sender. It expires after `length` ms unless it is sent again. */
    readonly type: "presence";
    readonly node: string;
    readonly length: number;
    readonly presences: readonly NodePresence[];
  }
  /** The task queue has a new task. */
  | { readonly type: "tasks" }
  /** The sender has just started and knows no presence yet. */
  | { readonly type: "hello"; readonly node: string }
  | {
    readonly type: "ended";
    readonly node: string;
    readonly publicToken: string;
    readonly reason: EndReason;
  }
  /** A person is being erased, or is erased now: a node must not keep anything of them in memory. */
  | { readonly type: "erased"; readonly publicToken: string }
  /** Bans have changed, in this part of them. */
  | { readonly type: "bans"; readonly node: string; readonly part: number }
  /** Stored data of a session, such as its name, have changed. */
  | { readonly type: "changed"; readonly node: string; readonly publicToken: string };

/** Whether a value is an event that this version understands; other nodes can be older or newer. */
export function isNodeEvent(value: unknown): value is NodeEvent {
  return isObject(value) && typeof value.type === "string" &&
    CHECKS.get(value.type)?.(value) === true;
}

type Fields = Readonly<Record<string, unknown>>;

const CHECKS: ReadonlyMap<string, (event: Fields) => boolean> = new Map(Object.entries(
  {
    signal: ({ signal, own = true }) => isSignal(signal) && own === true,
    tabConnected: ({ node, owner, tab, turn, after = 0 }) =>
      [node, owner, tab].every(isString) && Number.isFinite(turn) && Number.isFinite(after),
    presence: ({ node, length, presences }) =>
      isString(node) && Number.isFinite(length) && isListOf(presences, isNodePresence),
    tasks: () => true,
    hello: ({ node }) => isString(node),
    ended: ({ node, publicToken, reason }) =>
      isString(node) && isString(publicToken) && isOneOf(reason, ["signed_out", "kicked"]),
    erased: ({ publicToken }) => isString(publicToken),
    bans: ({ node, part }) => isString(node) && Number.isInteger(part),
    changed: ({ node, publicToken }) => isString(node) && isString(publicToken),
  } satisfies Record<NodeEvent["type"], (event: Fields) => boolean>,
));

const STATES = ["active", "background", "offline"];

function isSignal(value: unknown): boolean {
  if (!isObject(value) || !isString(value.channel) || !isPerson(value.from)) return false;
  if (!Number.isFinite(value.at)) return false;
  switch (value.type) {
    case "typing":
    case "closed":
    case "renamed":
      return true;
    case "presence":
      return isOneOf(value.state, STATES);
    case "settings":
      return typeof value.pinned === "boolean" &&
        (value.unreadFrom === undefined || Number.isFinite(value.unreadFrom)) &&
        (value.notify === undefined || isNotify(value.notify));
    case "read":
    case "delivered":
      return Number.isFinite(value.upTo);
    default:
      return false;
  }
}

function isNodePresence(value: unknown): boolean {
  return isObject(value) && isPerson(value.person) && isOneOf(value.state, STATES) &&
    isListOf(value.active, isString) && isListOf(value.background, isString);
}

function isPerson(value: unknown): boolean {
  return isObject(value) && isString(value.publicToken) && isString(value.displayName);
}

function isListOf(value: unknown, isOne: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isOne);
}

function isOneOf(value: unknown, words: readonly string[]): boolean {
  return isString(value) && words.includes(value);
}

function isString(value: unknown): value is string {
  return typeof value === "string";
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}
