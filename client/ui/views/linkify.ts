import { LinkifyIt } from "linkify-it";
import type { Part } from "./links.ts";

const linkify = new LinkifyIt({ fuzzyLink: true, fuzzyEmail: true });

/** Only these are links; whatever else a text names stays text. */
const SAFE = /^(https?:\/\/|mailto:)/i;

/** Parts a text, so that all parts together are the text. */
export function parseLinks(text: string): readonly Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const { index, lastIndex, url } of linkify.match(text) ?? []) {
    if (!SAFE.test(url)) continue;
    if (index > end) parts.push({ text: text.slice(end, index) });
    parts.push({ text: text.slice(index, lastIndex), address: url });
    end = lastIndex;
  }
  if (end < text.length) parts.push({ text: text.slice(end) });
  return parts;
}
