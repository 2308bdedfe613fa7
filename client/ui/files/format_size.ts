import { language } from "../i18n/language.ts";

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;

/** A number of bytes in the language of the page, such as "1.2 MB". */
export function formatSize(bytes: number): string {
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), UNITS.length - 1);
  const options = { style: "unit", unit: UNITS[power]!, maximumFractionDigits: 1 } as const;
  return new Intl.NumberFormat(language.value, options).format(bytes / 1_000 ** power);
}
