import { signal } from "@preact/signals";

/** The tag of the language that the page is in. It is set when the sentences are there. */
export const language = signal("en");

/** Prefers the browser's variant of a language, such as `en-GB`. Some browsers report tags that Intl rejects. */
export function localeOf(tag: string): string {
  if (tag === "zh") return "zh-CN";
  const preferred = navigator.language;
  return preferred.startsWith(`${tag}-`) && /^\w+(-\w+)*$/.test(preferred) ? preferred : tag;
}
