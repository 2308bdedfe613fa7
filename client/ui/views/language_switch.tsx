import { language } from "../i18n/language.ts";
import { languageChoice } from "../i18n/language_choice.ts";
import { langOf } from "../i18n/language_tags.ts";
import { strings } from "../i18n/page_strings.ts";

/** A list in which the language is chosen, each named in that language. */
export function LanguageSwitch() {
  return (
    <select
      class="language-switch"
      aria-label={strings.value.language}
      value={language.value}
      onChange={({ currentTarget }) => {
        const { value } = currentTarget;
        // Until the sentences are loaded, it stays as it was.
        currentTarget.value = language.value;
        languageChoice.choose(value);
      }}
    >
      {languageChoice.options.map(({ tag, name }) => (
        <option key={tag} value={tag} lang={langOf(tag)} dir="auto">{name}</option>
      ))}
    </select>
  );
}
