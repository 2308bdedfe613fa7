import { computed } from "@preact/signals";
import { type Language, language } from "../../ui/i18n/talk.ts";
import { type AdminDictionary, adminEn } from "./admin_en.ts";
import { adminZh } from "./admin_zh.ts";

const DICTIONARIES: Readonly<Record<Language, AdminDictionary>> = { en: adminEn, zh: adminZh };

/** What the admin page says, in the chosen language. */
export const words = computed((): AdminDictionary => DICTIONARIES[language.value]);

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
}));

/** A whole number, short. */
export function formatCount(count: number): string {
  return formats.value.count.format(count);
}

/** How often something happens in a second. */
export function formatRate(rate: number): string {
  return formats.value.rate.format(rate);
}

/** Bytes, in kilobytes or megabytes. */
export function formatSize(bytes: number): string {
  const [unit, size] = bytes < 1e6 ? ["kilobyte", 1e3] as const : ["megabyte", 1e6] as const;
  const style = { style: "unit", unit, maximumSignificantDigits: 3 } as const;
  return new Intl.NumberFormat(locale.value, style).format(bytes / size);
}

/** The time of day, to the millisecond. */
export function formatMoment(at: number): string {
  return formats.value.time.format(at);
}

const UNITS = [["day", 86_400_000], ["hour", 3_600_000], ["minute", 60_000], [
  "second",
  1_000,
]] as const;

/** A duration in its largest whole unit. */
export function formatDuration(milliseconds: number): string {
  const [unit, length] = UNITS.find(([, length]) => milliseconds >= length) ?? ["second", 1_000];
  const format = new Intl.NumberFormat(locale.value, {
    style: "unit",
    unit,
    unitDisplay: "long",
  });
  return format.format(Math.floor(milliseconds / length));
}
