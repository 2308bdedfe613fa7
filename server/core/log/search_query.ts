import { SEARCH_LENGTH, SEARCH_WORDS } from "../../protocol/limits.ts";
import type { Message } from "../../protocol/message.ts";
import type { TextRange } from "../../protocol/replies.ts";
import { isMessage } from "../model/change.ts";
import { type Entry, topicsOf } from "../model/message.ts";
import type { Phrase, SearchTerms } from "../model/message_search.ts";
import { Refused } from "../model/refused.ts";
import { type Word, wordsOf } from "./words.ts";

/** The place of the messages of all rooms. */
export const ALL_ROOMS = "rooms";

/** The last word of a query, unless it is shorter, can be the beginning of a longer one. */
const PREFIX_LENGTH = 2;

/**
 * Parses what somebody searches for: words, which can be anywhere in a message, and phrases in double quotes. The parts of an
 * address, or of a text without spaces, are next to each other. Rejects a long query with `invalid_request`. Of
 * punctuation alone, there are no phrases.
 */
export function phrasesOf(query: string): readonly Phrase[] {
  if (query.length > SEARCH_LENGTH) {
    const detail = `"q" is longer than ${SEARCH_LENGTH} characters`;
    throw new Refused("invalid_request", detail);
  }
  const parts = [...query.matchAll(/"([^"]*)"?|[^\s"]+/gu)];
  const phrases = parts.flatMap(([part, quoted], index) => {
    const words = wordsOf(quoted ?? part).map(({ word }) => word);
    const isLast = quoted === undefined && index === parts.length - 1;
    const isPrefix = isLast && (words.at(-1)?.length ?? 0) >= PREFIX_LENGTH;
    return words.length === 0 ? [] : [{ words, isPrefix }];
  });
  const count = phrases.reduce((sum, { words }) => sum + words.length, 0);
  if (count > SEARCH_WORDS) {
    const detail = `"q" has more than ${SEARCH_WORDS} words; characters of Chinese count as words`;
    throw new Refused("invalid_request", detail);
  }
  // A phrase that is repeated would be looked for again in each message.
  const different = new Map(phrases.map((phrase) => [JSON.stringify(phrase), phrase]));
  return [...different.values()];
}

/** What can be searched of an entry, with its words; `undefined` if nothing can. */
export function searchableText({ title, text, event, ...entry }: Entry): string | undefined {
  if (text === undefined || event !== undefined || !isMessage(entry)) return undefined;
  return title === undefined ? text : `${title}\n${text}`;
}

/** Where a message can be found: its channel, and either the inboxes of its readers or all rooms. */
export function placesOf({ channel }: Pick<Message, "channel">): readonly string[] {
  return channel.startsWith("room:") ? [channel, ALL_ROOMS] : topicsOf(channel);
}

/** Whether a message has the terms, whose index only names candidates. */
export function hasTerms(entry: Entry, { phrases, places, from, after }: SearchTerms): boolean {
  if (entry.id <= after || from !== undefined && entry.from?.publicToken !== from) return false;
  if (!placesOf(entry).some((place) => places.includes(place))) return false;
  const text = searchableText(entry);
  if (text === undefined) return false;
  const words = wordsOf(text);
  return phrases.every((phrase) => words.some((_, at) => isAt(at, phrase, words)));
}

/** Where the text of a message has the phrases: ranges in order, which do not overlap. */
export function foundRanges(
  { title, text = "" }: Message,
  phrases: readonly Phrase[],
): readonly TextRange[] {
  // With the title, because a phrase is also found there.
  const offset = title === undefined ? 0 : title.length + 1;
  const words = wordsOf(title === undefined ? text : `${title}\n${text}`);
  const all = phrases.flatMap((phrase) => rangesOf(phrase, words))
    .map(({ start, end }) => ({ start: Math.max(0, start - offset), end: end - offset }))
    .filter(({ end }) => end > 0).sort((one, other) => one.start - other.start);
  const ranges: TextRange[] = [];
  for (const { start, end } of all) {
    const last = ranges.at(-1);
    if (last === undefined || start > last.end) ranges.push({ start, end });
    else ranges[ranges.length - 1] = { start: last.start, end: Math.max(last.end, end) };
  }
  return ranges;
}

function rangesOf(phrase: Phrase, words: readonly Word[]): TextRange[] {
  const last = phrase.words.length - 1;
  return words.flatMap(({ start }, at) =>
    isAt(at, phrase, words) ? [{ start, end: words[at + last]?.end ?? start }] : []
  );
}

/** Whether the words from an index on are those of a phrase. */
function isAt(at: number, { words: phrase, isPrefix }: Phrase, words: readonly Word[]): boolean {
  const last = phrase.length - 1;
  return phrase.every((word, n) => {
    const found = words[at + n]?.word;
    return n === last && isPrefix ? found?.startsWith(word) : found === word;
  });
}
