import { computed, signal } from "@preact/signals";
import { clockOffset } from "../state/clock_offset.ts";
import { strings } from "./chat_strings.ts";
import { language, localeOf } from "./language.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const ownTime = signal(Date.now());
setInterval(() => ownTime.value = Date.now(), MINUTE / 2);

/** The server's time in ms, accurate to a minute; relative times are rendered again when it changes. */
const now = computed(() => ownTime.value + clockOffset.value);

const midnight = computed(() => new Date(now.value).setHours(0, 0, 0, 0));

/** Whether people here count twelve hours or twenty-four, whatever the language of the page. */
const { hourCycle = "h23" } = new Intl.DateTimeFormat(undefined, { hour: "numeric" })
  .resolvedOptions();

const formats = computed(() => {
  const locale = localeOf(language.value);
  return {
    time: new Intl.DateTimeFormat(locale, { timeStyle: "short", hourCycle }),
    day: new Intl.DateTimeFormat(locale, { weekday: "long", month: "long", day: "numeric" }),
    year: new Intl.DateTimeFormat(locale, { dateStyle: "long" }),
    dateTime: new Intl.DateTimeFormat(locale, {
      dateStyle: "full",
      timeStyle: "medium",
      hourCycle,
    }),
  };
});

/** Not in the chat of the widget, like those below. */
const ago = /* @__PURE__ */ computed(() =>
  new Intl.RelativeTimeFormat(localeOf(language.value), { numeric: "auto" })
);

/** Only the page's list of conversations uses these: the annotation keeps them out of the widget. */
const shortFormats = /* @__PURE__ */ computed(() => {
  const locale = localeOf(language.value);
  return {
    weekday: new Intl.DateTimeFormat(locale, { weekday: "short" }),
    date: new Intl.DateTimeFormat(locale, { month: "short", day: "numeric" }),
    year: new Intl.DateTimeFormat(locale, { dateStyle: "short" }),
  };
});

/** Formats the time of day. */
export function formatTime(at: number): string {
  return formats.value.time.format(at);
}

/** Formats the date and the time of day with seconds. */
export function formatDateTime(at: number): string {
  return formats.value.dateTime.format(at);
}

/** Formats a day as the heading above its messages. */
export function formatDay(at: number): string {
  const age = daysAgo(at);
  if (age === 0) return strings.value.today;
  if (age === 1) return strings.value.yesterday;
  return formats.value[isThisYear(at) ? "day" : "year"].format(at);
}

/** Formats a time of today as a time, of the last week as a weekday, and any other as a date, of another year with it. */
export function formatShort(at: number): string {
  const age = daysAgo(at);
  if (age === 0) return formatTime(at);
  const { weekday, date, year } = shortFormats.value;
  if (age > 0 && age < 7) return weekday.format(at);
  return (isThisYear(at) ? date : year).format(at);
}

/** Formats a time relative to now, such as `5 minutes ago`. */
export function formatAgo(at: number): string {
  const age = Math.max(0, now.value - at);
  if (age < MINUTE) return strings.value.justNow;
  if (age < HOUR) return ago.value.format(-Math.floor(age / MINUTE), "minute");
  if (age < DAY) return ago.value.format(-Math.floor(age / HOUR), "hour");
  return ago.value.format(-daysAgo(at), "day");
}

function isThisYear(at: number): boolean {
  return at >= new Date(midnight.value).setMonth(0, 1);
}

function daysAgo(at: number): number {
  return Math.round((midnight.value - new Date(at).setHours(0, 0, 0, 0)) / DAY);
}
