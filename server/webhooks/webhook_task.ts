import type { Person } from "../protocol/message.ts";
import type { PresenceState } from "../protocol/signal.ts";
import type { Receipt } from "../core/model/store.ts";

/**
 * What is still to be told, or to be looked at. Messages stand here by their ids: what is told of one is read from the
 * log when it is sent. `at` says when it happened: Unix time in ms.
 */
export type WebhookTask =
  /** A message was appended. */
  | { readonly type: "message"; readonly id: number; readonly at: number }
  /** A message may be undelivered, if nobody has it at `at`. */
  | { readonly type: "undelivered"; readonly id: number; readonly at: number }
  /** A message has reached the session that it is for. */
  | { readonly type: "delivered"; readonly id: number; readonly tab: string; readonly at: number }
  /** Messages may have reached a session: which of them did so for the first time is still to be seen. */
  | { readonly type: "receipt"; readonly receipt: Receipt; readonly at: number }
  | {
    readonly type: "presence";
    readonly event: string;
    readonly channel: string;
    readonly from: Person;
    readonly state: PresenceState;
    readonly at: number;
  };

const TYPES: readonly string[] = ["message", "undelivered", "delivered", "receipt", "presence"];

/** Writes a task as the body that its queue keeps. */
export function formatTask(task: WebhookTask): string {
  return JSON.stringify(task);
}

/** Reads what {@linkcode formatTask} wrote. A task that this version does not know is `undefined`. */
export function parseTask(body: string): WebhookTask | undefined {
  try {
    const task: WebhookTask = JSON.parse(body);
    return TYPES.includes(task.type) ? task : undefined;
  } catch {
    return undefined; // It was written by somebody else.
  }
}
