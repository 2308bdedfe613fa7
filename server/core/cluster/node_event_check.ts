import type { NodeEvent } from "./node_event.ts";

/** Whether this is an event as this version of a node understands it: other nodes may be older or newer. */
export function isNodeEvent(value: unknown): value is NodeEvent {
  return isObject(value) && typeof value.type === "string" &&
    CHECKS.get(value.type)?.(value) === true;
}

type Fields = Readonly<Record<string, unknown>>;

const CHECKS: ReadonlyMap<string, (event: Fields) => boolean> = new Map(Object.entries(
  {
    signal: ({ signal }) => isSignal(signal),
    arrival: ({ node, owner, tab, turn }) =>
      [node, owner, tab].every(isString) && Number.isFinite(turn),
    presence: ({ node, length, presences }) =>
      isString(node) && Number.isFinite(length) && isListOf(presences, isNodePresence),
    tasks: () => true,
    hello: ({ node }) => isString(node),
    ended: ({ node, publicToken, reason }) =>
      isString(node) && isString(publicToken) && isOneOf(reason, ["signed_out", "kicked"]),
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
      return true;
    case "presence":
      return isOneOf(value.state, STATES);
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
