/**
 * Finds links with linkify-it: `/built/linkify.js`, which the page loads after its own script.
 *
 * @module
 */
import { LinkifyIt } from "linkify-it";
import type { TextPart } from "./link_parser.ts";

const linkify = new LinkifyIt({ fuzzyLink: true, fuzzyEmail: true });

/** Anything else that looks like a URL stays text. */
const SAFE_PROTOCOL = /^(https?:\/\/|mailto:)/i;

/** Splits a text into links and the text between them; joined, the parts are the text again. */
export function parseLinks(text: string): readonly TextPart[] {
  const parts: TextPart[] = [];
  let end = 0;
  for (const { index, lastIndex, url } of linkify.match(text) ?? []) {
    if (!SAFE_PROTOCOL.test(url)) continue;
    if (index > end) parts.push({ text: text.slice(end, index) });
    parts.push({ text: text.slice(index, lastIndex), href: url });
    end = lastIndex;
  }
  if (end < text.length) parts.push({ text: text.slice(end) });
  return parts;
}
