import { language } from "../i18n/language.ts";

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;

/** A number of bytes in the language of the page, such as "1.2 MB". */
export function formatSize(bytes: number): string {
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), UNITS.length - 1);
  // In short, one byte and several are the same word in English.
  const unitDisplay = power === 0 ? "long" : "short";
  const unit = { style: "unit", unit: UNITS[power]!, unitDisplay } as const;
  const options = { ...unit, maximumFractionDigits: 1 };
  return new Intl.NumberFormat(language.value, options).format(bytes / 1_000 ** power);
}
