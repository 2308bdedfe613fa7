import { localValue, PAGE_PREFIX } from "../storage/stored_value.ts";

/** The characters for skin tones, from the lightest to the darkest. */
export const SKIN_TONES = ["🏻", "🏼", "🏽", "🏾", "🏿"] as const;

const LIGHTEST = SKIN_TONES[0];

/** What stands for the same emoji in any skin tone. */
const VARIANTS = /[\u{1F3FB}-\u{1F3FF}\uFE0F]/gu;

const stored = localValue(`${PAGE_PREFIX}.skin`, isTone);

/** The skin tone of this user; empty for the yellow one. */
export function chosenTone(): string {
  return stored.read() ?? "";
}

export function chooseTone(tone: string): void {
  stored.write(tone || undefined);
}

/** An emoji in the skin tone of this user, if it can have one. */
export function inChosenTone<T extends { readonly emoji: string; readonly toned?: string }>(
  one: T,
): T {
  const tone = chosenTone();
  return one.toned && tone ? { ...one, emoji: one.toned.replaceAll(LIGHTEST, tone) } : one;
}

export function withoutTone(emoji: string): string {
  return emoji.replace(VARIANTS, "");
}

function isTone(value: unknown): value is string {
  return SKIN_TONES.some((tone) => tone === value);
}
