import { chooseLanguage, DICTIONARIES } from "../i18n/language.ts";
import { language } from "../i18n/talk.ts";

/** Offers the languages by their own names. */
export function LanguageSwitch() {
  return (
    <div class="language-switch">
      <LanguageButton tag="en" />
      <LanguageButton tag="zh" />
    </div>
  );
}

function LanguageButton({ tag }: { readonly tag: keyof typeof DICTIONARIES }) {
  return (
    <button
      type="button"
      lang={tag}
      class="quiet"
      aria-pressed={language.value === tag}
      onClick={() => chooseLanguage(tag)}
    >
      {DICTIONARIES[tag].language}
    </button>
  );
}
