import type { SettingReader } from "../base/setting_reader.ts";

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

const URLS = "none, or a URL that begins with https:// or http://, without a user's name";

const SECRETS = "at least 22 characters of ASCII without blanks; none where WEBHOOK_URL is none";

const EVENTS = `${WEBHOOK_EVENTS.join(", ")}, separated by commas`;

/** From a second to a week, in ms. */
const UNDELIVERED = { min: 1_000, max: 7 * 86_400_000 } as const;

/** Reads what is told to whom by HTTP, if it is. */
export function readWebhookSettings(read: SettingReader): WebhookSettings | undefined {
  const { url } = read.secret("WEBHOOK_URL", "none", parseUrl, URLS);
  const { secret } = read.secret("WEBHOOK_SECRET", "none", parseSecret, SECRETS);
  const events = read.parsed("WEBHOOK_EVENTS", "delivered,undelivered", parseEvents, EVENTS);
  const undeliveredAfter = read.wholeNumber("UNDELIVERED_AFTER", 60_000, UNDELIVERED);
  if (url === undefined) return undefined;
  if (secret !== undefined) return { url, secret, events, undeliveredAfter };
  // One that cannot be used has been told already.
  if (read.text("WEBHOOK_SECRET", "none") === "none") {
    read.addError(`WEBHOOK_SECRET is "none"; allowed: ${SECRETS}`);
  }
  return undefined;
}

/** Reads the receiver's address, or `none`: the settings have one or no `url`. What is neither is `undefined`. */
function parseUrl(word: string): { readonly url?: string } | undefined {
  if (word === "none") return {};
  const url = URL.parse(word);
  if (url === null || !/^https?:$/.test(url.protocol)) return undefined;
  return url.username === "" && url.password === "" ? { url: url.href } : undefined;
}

/** Reads a secret of at least 22 characters, which is 128 bits in base64, or `none`. */
function parseSecret(word: string): { readonly secret?: string } | undefined {
  if (word === "none") return {};
  return /^[\x21-\x7e]{22,}$/.test(word) ? { secret: word } : undefined;
}

/** Reads events, separated by commas. */
function parseEvents(list: string): readonly WebhookEventType[] | undefined {
  const words = new Set(list.split(",").map((word) => word.trim()));
  const events = WEBHOOK_EVENTS.filter((event) => words.has(event));
  return events.length === words.size ? events : undefined;
}
