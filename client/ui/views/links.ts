import { signal } from "@preact/signals";

/** A part of a text: a link where there is an address. */
export interface Part {
  readonly text: string;
  readonly address?: string;
}

/** Parts a text, so that all parts together are the text. */
export type LinkFinder = (text: string) => readonly Part[];

/** A whole address, without what follows it in a sentence. */
const ADDRESS = /\bhttps?:\/\/[^\s<>"]*[^\s<>"'’”».,:;!?)\]}…。，、；：！？）】》]/gi;

/** How links are found: by this simple rule, if no better one is put here. */
export const linkFinder = signal<LinkFinder>((text) => {
  const parts: Part[] = [];
  let end = 0;
  for (const { 0: address, index } of text.matchAll(ADDRESS)) {
    parts.push({ text: text.slice(end, index) }, { text: address, address });
    end = index + address.length;
  }
  return [...parts, { text: text.slice(end) }];
});
