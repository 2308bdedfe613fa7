import { chooseTone } from "./skin_tone.ts";
import { localValue, PAGE_PREFIX } from "../storage/stored_value.ts";

/** Maximum number of emoji that are remembered. */
const MAX_RECENT = 16;

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((one) => typeof one === "string");

const stored = localValue(`${PAGE_PREFIX}.emoji`, isTexts);

/** The emoji that were picked last, the newest first. */
export function recentEmoji(): readonly string[] {
  return stored.read() ?? [];
}

export function rememberEmoji(emoji: string): void {
  const others = recentEmoji().filter((one) => one !== emoji);
  stored.write([emoji, ...others].slice(0, MAX_RECENT));
}

/** For the next user of the browser. */
export function forgetEmoji(): void {
  stored.write(undefined);
  chooseTone("");
}
