import { computed, signal } from "@preact/signals";
import { type Language, language, words } from "./talk.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The time, to the minute or so; what is shown relative to it changes with it. */
const now = signal(Date.now());
setInterval(() => now.value = Date.now(), MINUTE / 2);

const midnight = computed(() => new Date(now.value).setHours(0, 0, 0, 0));

const formats = computed(() => {
  const locale = localeOf(language.value);
  return {
    time: new Intl.DateTimeFormat(locale, { hour: "numeric", minute: "2-digit" }),
    day: new Intl.DateTimeFormat(locale, { weekday: "long", month: "long", day: "numeric" }),
    year: new Intl.DateTimeFormat(locale, { dateStyle: "long" }),
    full: new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "medium" }),
    ago: new Intl.RelativeTimeFormat(locale, { numeric: "auto" }),
  };
});

/** Those that only the page's list of conversations needs. */
const shortFormats = /* @__PURE__ */ computed(() => {
  const locale = localeOf(language.value);
  return {
    weekday: new Intl.DateTimeFormat(locale, { weekday: "short" }),
    date: new Intl.DateTimeFormat(locale, { month: "short", day: "numeric" }),
  };
});

/** The time of day. */
export function formatTime(at: number): string {
  return formats.value.time.format(at);
}

/** Day and time, to the second. */
export function formatFull(at: number): string {
  return formats.value.full.format(at);
}

/** A heading for the messages of one day. */
export function formatDay(at: number): string {
  const age = daysAgo(at);
  if (age === 0) return words.value.today;
  if (age === 1) return words.value.yesterday;
  return age < 300 ? formats.value.day.format(at) : formats.value.year.format(at);
}

/** The shortest that says when: a time today, a weekday this week, else a date. */
export function formatShort(at: number): string {
  const age = daysAgo(at);
  if (age === 0) return formatTime(at);
  const { weekday, date } = shortFormats.value;
  return (age > 0 && age < 7 ? weekday : date).format(at);
}

/** How long ago that was, such as `5 minutes ago`. */
export function formatAgo(at: number): string {
  const age = Math.max(0, now.value - at);
  const { ago } = formats.value;
  if (age < MINUTE) return words.value.justNow;
  if (age < HOUR) return ago.format(-Math.floor(age / MINUTE), "minute");
  if (age < DAY) return ago.format(-Math.floor(age / HOUR), "hour");
  return ago.format(-daysAgo(at), "day");
}

/** The browser's own kind of that language, such as `en-GB`, if it names one; some name none that Intl can read. */
function localeOf(tag: Language): string {
  if (tag === "zh") return "zh-CN";
  const own = navigator.language;
  return own.startsWith(tag) && /^\w+(-\w+)*$/.test(own) ? own : tag;
}

function daysAgo(at: number): number {
  return Math.round((midnight.value - new Date(at).setHours(0, 0, 0, 0)) / DAY);
}
