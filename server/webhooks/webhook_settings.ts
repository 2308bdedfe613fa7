/** What a receiver can be told of. */
export const WEBHOOK_EVENTS = ["message", "presence", "delivered", "undelivered"] as const;

/** One of {@linkcode WEBHOOK_EVENTS}. */
export type WebhookEventType = (typeof WEBHOOK_EVENTS)[number];

/** What is told to whom. */
export interface WebhookSettings {
  /** Where events are posted to. It may be a secret itself: it is never logged. */
  readonly url: string;
  /** What they are signed with. */
  readonly secret: string;
  readonly events: readonly WebhookEventType[];
  /** A message for one session that has not reached it after so long (ms) is undelivered. */
  readonly undeliveredAfter: number;
}
