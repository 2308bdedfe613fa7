import { type Language, language } from "../i18n/language.ts";
import { LANGUAGE_NAMES } from "../i18n/page_strings.ts";

/** Buttons that choose a language, each named in that language. */
export function LanguageSwitch() {
  return (
    <div class="language-switch">
      <LanguageButton tag="en" />
      <LanguageButton tag="zh" />
    </div>
  );
}

function LanguageButton({ tag }: { readonly tag: Language }) {
  return (
    <button
      type="button"
      lang={tag}
      class="quiet"
      aria-pressed={language.value === tag}
      onClick={() => language.value = tag}
    >
      {LANGUAGE_NAMES[tag]}
    </button>
  );
}
