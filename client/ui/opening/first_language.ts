import { isRightToLeft, langOf } from "../i18n/language_tags.ts";
import { wantedLanguage } from "../storage/wanted_language.ts";

declare global {
  /** The responses for dictionaries that were requested before the page's script; undefined if the network has failed. */
  var halleyDictionaries: Map<string, Promise<Response | undefined>> | undefined;
}

/** A language that the server has, as it lists it in the page. */
export interface ListedLanguage {
  readonly tag: string;
  /** Its name in that language. */
  readonly name: string;
  /** The address of the sentences. */
  readonly url: string;
  /** The relative address of the names of emoji, if there are any in this language. */
  readonly emoji: string | undefined;
}

/** The languages in which this page can be. */
export function listedLanguages(): readonly ListedLanguage[] {
  const links = document.querySelectorAll<HTMLLinkElement>("link[rel=dictionary]");
  return [...links].map(({ hreflang: tag, title: name, href: url, dataset: { emoji } }) => ({
    tag,
    name,
    url,
    emoji,
  }));
}

/** Requests the sentences of the wanted language while the page's script is still being loaded. */
export function requestLanguage(): void {
  const listed = listedLanguages();
  const wanted = wantedLanguage(listed.map(({ tag }) => tag));
  const found = listed.find(({ tag }) => tag === wanted);
  if (!found) return;
  const root = document.documentElement;
  [root.lang, root.dir] = [langOf(wanted), isRightToLeft(found.name) ? "rtl" : "ltr"];
  globalThis.halleyDictionaries = new Map([[found.url, fetch(found.url).catch(() => undefined)]]);
}

/** The response for a dictionary that was requested early. It can be taken once. */
export async function takeDictionary(url: string): Promise<Response | undefined> {
  const response = globalThis.halleyDictionaries?.get(url);
  globalThis.halleyDictionaries?.delete(url);
  return await response;
}
