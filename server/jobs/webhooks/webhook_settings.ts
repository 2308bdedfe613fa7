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

/** Reads the receiver's address, or `none`: the settings have one or no `url`. What is neither is `undefined`. */
export function parseWebhookUrl(word: string): { readonly url?: string } | undefined {
  if (word === "none") return {};
  const url = URL.parse(word);
  if (url === null || !/^https?:$/.test(url.protocol)) return undefined;
  return url.username === "" && url.password === "" ? { url: url.href } : undefined;
}

/** Reads a secret of at least 22 characters, which is 128 bits in base64, or `none`. */
export function parseWebhookSecret(word: string): { readonly secret?: string } | undefined {
  if (word === "none") return {};
  return /^[\x21-\x7e]{22,}$/.test(word) ? { secret: word } : undefined;
}

/** Reads events, separated by commas. */
export function parseWebhookEvents(list: string): readonly WebhookEventType[] | undefined {
  const words = new Set(list.split(",").map((word) => word.trim()));
  const events = WEBHOOK_EVENTS.filter((event) => words.has(event));
  return events.length === words.size ? events : undefined;
}
