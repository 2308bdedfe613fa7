import { language } from "../i18n/language.ts";
import { LANGUAGE_NAMES } from "../i18n/page_strings.ts";

/** Buttons that choose a language, each named in that language. */
export function LanguageSwitch() {
  return (
    <div class="language-switch">
      {(["en", "zh"] as const).map((tag) => (
        <button
          key={tag}
          type="button"
          lang={tag}
          class="quiet"
          aria-pressed={language.value === tag}
          onClick={() => language.value = tag}
        >
          {LANGUAGE_NAMES[tag]}
        </button>
      ))}
    </div>
  );
}
