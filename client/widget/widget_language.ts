/** The languages that every server has. */
const SHIPPED = /^(ar|de|en|es|fr|ja|zh)\b/;

/** The language of the script: the sentences of the button are in it before anything is loaded. */
export const OWN_LANGUAGE = "en";

/**
 * The language of the widget: the one that the page has set, which an operator may have added, or else the first that the
 * browser prefers.
 */
export function languageOf(set: string | undefined): string {
  const tags = [set, ...navigator.languages].map((tag = "") => SHIPPED.exec(tag)?.[0]);
  return tags[0] ?? set ?? tags.find(Boolean) ?? OWN_LANGUAGE;
}
