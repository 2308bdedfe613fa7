import { computed } from "@preact/signals";
import { HalleyError } from "../../comet/halley_error.ts";
import { language } from "../../ui/i18n/language.ts";
import { adminEn, type AdminStrings } from "./admin_en.ts";
import { adminZh } from "./admin_zh.ts";

/** Strings of the admin page, in the chosen language. */
export const strings = computed((): AdminStrings => language.value === "zh" ? adminZh : adminEn);

/** Describes the error of a request: in the chosen language, or else in the words of the server. */
export function describeError(error: unknown): string {
  if (!(error instanceof HalleyError)) return strings.value.unreachable;
  return strings.value.errors[error.code] ?? error.message;
}

const locale = computed(() => language.value === "zh" ? "zh-CN" : "en");

const formats = computed(() => ({
  count: new Intl.NumberFormat(locale.value, { notation: "compact", maximumFractionDigits: 1 }),
  rate: new Intl.NumberFormat(locale.value, { maximumSignificantDigits: 3 }),
  time: new Intl.DateTimeFormat(locale.value, {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    fractionalSecondDigits: 3,
    hour12: false,
  }),
  date: new Intl.DateTimeFormat(locale.value, { dateStyle: "medium", timeStyle: "short" }),
  seconds: new Intl.DateTimeFormat(locale.value, { timeStyle: "medium", hour12: false }),
}));

/** Formats a whole number, such as `12.3K`. */
export function formatCount(count: number): string {
  return formats.value.count.format(count);
}

/** Formats a number per second. */
export function formatRate(rate: number): string {
  return formats.value.rate.format(rate);
}

/** Formats a size in bytes as kilobytes or megabytes. */
export function formatSize(bytes: number): string {
  const [unit, size] = bytes < 1e6 ? ["kilobyte", 1e3] as const : ["megabyte", 1e6] as const;
  const style = { style: "unit", unit, maximumSignificantDigits: 3 } as const;
  return new Intl.NumberFormat(locale.value, style).format(bytes / size);
}

/** Formats the time of day with milliseconds. */
export function formatPreciseTime(at: number): string {
  return formats.value.time.format(at);
}

/** Formats the time of day with seconds. */
export function formatTimeOfDay(at: number): string {
  return formats.value.seconds.format(at);
}

/** Formats a date with the time of day, in short. */
export function formatDate(at: number): string {
  return formats.value.date.format(at);
}

const DURATION_UNITS = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1_000],
] as const;

/** Formats a duration in its largest unit, such as `3 hours`. */
export function formatDuration(milliseconds: number): string {
  const [unit, length] = DURATION_UNITS.find(([, length]) => milliseconds >= length) ??
    ["second", 1_000];
  const format = new Intl.NumberFormat(locale.value, { style: "unit", unit, unitDisplay: "long" });
  return format.format(Math.floor(milliseconds / length));
}
