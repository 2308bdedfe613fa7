import type { Body, Message, Person } from "../protocol/message.ts";
import type { PresenceState } from "../protocol/signal.ts";
import type { Receipt } from "../core/model/store.ts";
import { WEBHOOK_EVENTS } from "./webhook_settings.ts";

/** A message without its content, for events of messages that the log may have removed by then. */
export type MessageHead = Omit<Message, keyof Body>;

/**
 * A task in the queue. It refers to a message by its id; the message is read from the log when the event is sent. `at` is
 * the time when the event happened: Unix time in ms.
 */
export type WebhookTask =
  /** A message was appended. */
  | { readonly type: "message"; readonly id: number; readonly at: number }
  /** The change `id` has edited or deleted the message `of`. */
  | {
    readonly type: "edited" | "deleted";
    readonly id: number;
    readonly of: number;
    readonly at: number;
  }
  /** A message is undelivered if its recipient does not have it at `at`. Tasks of earlier versions have no `head`. */
  | {
    readonly type: "undelivered";
    readonly id: number;
    readonly at: number;
    readonly head?: MessageHead;
  }
  /** A visitor has written, and at `at` nobody has answered. */
  | { readonly type: "unanswered"; readonly id: number; readonly at: number }
  /** A message was delivered to its recipient. */
  | { readonly type: "delivered"; readonly id: number; readonly tab: string; readonly at: number }
  /** Messages were delivered, perhaps some of them for the first time. */
  | { readonly type: "receipt"; readonly receipt: Receipt; readonly at: number }
  | {
    readonly type: "presence";
    readonly event: string;
    readonly channel: string;
    readonly from: Person;
    readonly state: PresenceState;
    readonly at: number;
  };

const TYPES: readonly string[] = [...WEBHOOK_EVENTS, "receipt"];

/** Formats a task for the queue. */
export function formatTask(task: WebhookTask): string {
  return JSON.stringify(task);
}

/** Parses the result of {@linkcode formatTask}. Returns `undefined` for tasks that this version does not know. */
export function parseTask(body: string): WebhookTask | undefined {
  try {
    const task: WebhookTask = JSON.parse(body);
    return TYPES.includes(task.type) ? task : undefined;
  } catch {
    return undefined;
  }
}
