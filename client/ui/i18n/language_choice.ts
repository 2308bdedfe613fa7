/** A language that can be chosen. */
export interface LanguageOption {
  readonly tag: string;
  /** Its name in that language. */
  readonly name: string;
}

/** The languages of the page, and what chooses one of them: `restoreLanguage` sets them. */
export const languageChoice: {
  options: readonly LanguageOption[];
  choose: (tag: string) => void;
} = { options: [], choose() {} };
