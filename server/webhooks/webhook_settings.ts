import type { SettingReader } from "../base/setting_reader.ts";

/** The types of events. */
export const WEBHOOK_EVENTS = [
  "message",
  "edited",
  "deleted",
  "presence",
  "delivered",
  "undelivered",
  "unanswered",
] as const;

/** One of {@linkcode WEBHOOK_EVENTS}. */
export type WebhookEventType = (typeof WEBHOOK_EVENTS)[number];

/** The settings of webhooks. */
export interface WebhookSettings {
  /** The receiver. The URL itself may be secret: it is never logged. */
  readonly url: string;
  /** The key that events are signed with. */
  readonly secret: string;
  readonly events: readonly WebhookEventType[];
  /** How long after it was sent a message counts as undelivered, or as unanswered. */
  readonly undeliveredAfterMs: number;
}

const URLS = "none, or a URL that begins with https:// or http://, without a user's name";

const SECRETS = "at least 22 characters of ASCII without blanks; none where WEBHOOK_URL is none";

const EVENTS = `${WEBHOOK_EVENTS.join(", ")}, separated by commas`;

/** A second to a week, in ms. */
const UNDELIVERED = { min: 1_000, max: 7 * 86_400_000 } as const;

/** Reads the settings of webhooks; `undefined` if they are disabled. */
export function readWebhookSettings(read: SettingReader): WebhookSettings | undefined {
  const { url } = read.secret("WEBHOOK_URL", "none", parseUrl, URLS);
  const { secret } = read.secret("WEBHOOK_SECRET", "none", parseSecret, SECRETS);
  const events = read.parsed("WEBHOOK_EVENTS", "delivered,undelivered", parseEvents, EVENTS);
  const undeliveredAfterMs = read.wholeNumber("UNDELIVERED_AFTER", 60_000, UNDELIVERED);
  if (url === undefined) return undefined;
  if (secret !== undefined) return { url, secret, events, undeliveredAfterMs };
  // An invalid secret was reported already.
  if (read.text("WEBHOOK_SECRET", "none") === "none") {
    read.addError(`WEBHOOK_SECRET is "none"; allowed: ${SECRETS}`);
  }
  return undefined;
}

/** Parses the receiver's URL, or `none`; `undefined` if invalid. */
function parseUrl(text: string): { readonly url?: string } | undefined {
  if (text === "none") return {};
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) return undefined;
  return url.username === "" && url.password === "" ? { url: url.href } : undefined;
}

/** Parses a secret of at least 22 characters, which is 128 bits in base64, or `none`; `undefined` if invalid. */
function parseSecret(text: string): { readonly secret?: string } | undefined {
  if (text === "none") return {};
  return /^[\x21-\x7e]{22,}$/.test(text) ? { secret: text } : undefined;
}

function parseEvents(list: string): readonly WebhookEventType[] | undefined {
  const words = new Set(list.split(",").map((word) => word.trim()));
  const events = WEBHOOK_EVENTS.filter((event) => words.has(event));
  return events.length === words.size ? events : undefined;
}
