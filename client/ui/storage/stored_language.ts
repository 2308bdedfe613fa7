import { effect } from "@preact/signals";
import { type PartialDictionary, provideDictionary } from "../i18n/dictionary.ts";
import { language } from "../i18n/language.ts";
import { languageChoice, type LanguageOption } from "../i18n/language_choice.ts";
import { isRightToLeft, langOf } from "../i18n/language_tags.ts";
import { FALLBACK, storedLanguage, wantedLanguage } from "./wanted_language.ts";

/** Time in ms until a page without any sentences tries again to load them. */
const RETRY = 2_000;

/** The languages of a page, and what loads the dictionary of one; it rejects if that fails. */
export interface LanguageSource {
  readonly options: readonly LanguageOption[];
  readonly load: (tag: string) => Promise<PartialDictionary>;
}

/**
 * Loads the wanted language, or English if that fails; follows choices here and in other tabs, and sets `lang` and `dir` of
 * `<html>`. Choices are stored; the language of the browser is not, since it may be changed there. Resolves when there are
 * sentences to render.
 */
export async function restoreLanguage({ options, load }: LanguageSource): Promise<void> {
  let wanted = "";
  const change = async (tag: string): Promise<boolean> => {
    wanted = tag;
    try {
      const parts = await load(tag);
      if (wanted === tag) provideDictionary(tag, parts);
      return true;
    } catch {
      return false; // The network is down, or the server has a new version of the page.
    }
  };
  const restore = () => change(wantedLanguage(options.map(({ tag }) => tag)));
  languageChoice.options = options;
  languageChoice.choose = async (tag) => {
    if (await change(tag)) storedLanguage.write(tag);
  };
  while (!await restore() && !await change(FALLBACK)) {
    await new Promise((resolve) => setTimeout(resolve, RETRY));
  }
  storedLanguage.watch(() => void restore());
  effect(() => {
    const root = document.documentElement;
    const name = options.find(({ tag }) => tag === language.value)?.name ?? "";
    [root.lang, root.dir] = [langOf(language.value), isRightToLeft(name) ? "rtl" : "ltr"];
  });
}
