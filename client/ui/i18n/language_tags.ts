/** The value of a `lang` attribute for a language. */
export function langOf(tag: string): string {
  return tag === "zh" ? "zh-Hans" : tag;
}

const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufefc]/;

/** Whether a text has letters that are written from right to left. The name of a language in itself says it of the language. */
export function isRightToLeft(text: string): boolean {
  return RIGHT_TO_LEFT.test(text);
}

/**
 * Returns the first of `available` that one of the wanted language tags means: `de` for `de-AT`, or else another variant of
 * the language, such as `pt-BR` for `pt-PT`.
 */
export function matchLanguage(
  wanted: readonly (string | undefined)[],
  available: readonly string[],
): string | undefined {
  for (const tag of wanted) {
    const subtags = tag?.toLowerCase().split(/[-_]/) ?? [];
    for (let length = subtags.length; length > 0; length--) {
      const range = subtags.slice(0, length).join("-");
      const found = available.find((one) => one.toLowerCase() === range);
      if (found !== undefined) return found;
    }
    const variant = available.find((one) => one.toLowerCase().split("-")[0] === subtags[0]);
    if (variant !== undefined) return variant;
  }
  return undefined;
}
