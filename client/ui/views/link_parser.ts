import { signal } from "@preact/signals";

/** A part of a text; a link if it has an `href`. */
export interface TextPart {
  readonly text: string;
  readonly href?: string;
}

/** Splits a text into parts; joined, the parts are the text again. */
export type LinkParser = (text: string) => readonly TextPart[];

/** A URL without the punctuation that follows it in a sentence. */
const URL_PATTERN = /\bhttps?:\/\/[^\s<>"]*[^\s<>"'’”».,:;!?)\]}…。，、；：！？）】》]/gi;

/** Finds links by a simple pattern until the page has loaded a better parser (`linkify.ts`). */
export const linkParser = signal<LinkParser>((text) => {
  const parts: TextPart[] = [];
  let end = 0;
  for (const { 0: href, index } of text.matchAll(URL_PATTERN)) {
    parts.push({ text: text.slice(end, index) }, { text: href, href });
    end = index + href.length;
  }
  return [...parts, { text: text.slice(end) }];
});
