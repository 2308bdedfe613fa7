import { computed } from "@preact/signals";
import { type Language, language, words } from "./language.ts";

const DAY = 86_400_000;

const formats = computed(() => {
  const locale = localeOf(language.value);
  return {
    time: new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" }),
    weekday: new Intl.DateTimeFormat(locale, { weekday: "short" }),
    date: new Intl.DateTimeFormat(locale, { month: "short", day: "numeric" }),
    day: new Intl.DateTimeFormat(locale, { weekday: "long", month: "long", day: "numeric" }),
    full: new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "medium" }),
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
  return age === 1 ? words.value.yesterday : formats.value.day.format(at);
}

/** The shortest that says when: a time today, a weekday this week, else a date. */
export function formatShort(at: number): string {
  const age = daysAgo(at);
  if (age === 0) return formatTime(at);
  return age > 0 && age < 7 ? formats.value.weekday.format(at) : formats.value.date.format(at);
}

/** The browser's own kind of that language, such as `en-GB`, if it names one; some name none that Intl can read. */
function localeOf(tag: Language): string {
  if (tag === "zh") return "zh-CN";
  const own = navigator.language;
  return own.startsWith(tag) && /^\w+(-\w+)*$/.test(own) ? own : tag;
}

function daysAgo(at: number): number {
  const midnight = new Date().setHours(0, 0, 0, 0);
  return Math.round((midnight - new Date(at).setHours(0, 0, 0, 0)) / DAY);
}
