import { isRecord } from "../../../server/protocol/guards.ts";
import { isDrawn } from "./drawn_emoji.ts";
import { inChosenTone } from "./skin_tone.ts";

/** An emoji with what it is found by. */
export interface Emoji {
  readonly emoji: string;
  /** The emoji with the lightest skin tone, if it can have one. */
  readonly toned?: string;
  readonly label: string;
  /** Names for `:name:`, the usual one first. */
  readonly names: readonly string[];
  readonly keywords: readonly string[];
}

export interface EmojiGroup {
  readonly name: string;
  readonly emoji: readonly Emoji[];
}

/** Maximum number of emoji that complete a name. */
const MAX_FOUND = 8;

const loading = new Map<string, Promise<readonly EmojiGroup[]>>();

/** Loads all emoji from a file that the build has made. A failed attempt is repeated by the next call. */
export function loadEmoji(url: string): Promise<readonly EmojiGroup[]> {
  const known = loading.get(url);
  if (known) return known;
  const groups = load(url);
  loading.set(url, groups);
  groups.catch(() => loading.delete(url));
  return groups;
}

/** The emoji whose names begin with a text, then those with such a word in their label or keywords. */
export async function findEmoji(text: string, url: string): Promise<readonly Emoji[]> {
  const all = (await loadEmoji(url)).flatMap(({ emoji }) => emoji);
  return matching(all, text).slice(0, MAX_FOUND).map(inChosenTone);
}

/** The emoji that a text describes, the best ones first. */
export function matching(all: readonly Emoji[], text: string): readonly Emoji[] {
  const words = normalized(text).split(/[\s_]+/).filter((word) => word !== "");
  const ranked = all.map((one) => [one, rankOf(one, words)] as const);
  return ranked.filter(([, rank]) => rank < Infinity)
    .sort(([, one], [, other]) => one - other).map(([one]) => one);
}

/** 0 for the name itself, 1 for the beginning of a name, 2 for that of a word, and `Infinity` for anything else. */
function rankOf({ emoji, label, names, keywords }: Emoji, words: readonly string[]): number {
  const joined = words.join("_");
  if (names.includes(joined) || emoji === joined) return 0;
  if (names.some((name) => name.startsWith(joined))) return 1;
  const known = [
    ...normalized(label).split(" "),
    ...keywords,
    ...names.flatMap((name) => name.split("_")),
  ];
  // Chinese and Japanese have no spaces between words.
  const isKnown = (word: string) =>
    known.some((one) =>
      /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}]/u.test(word)
        ? one.includes(word)
        : one.startsWith(word)
    );
  return words.every(isKnown) ? 2 : Infinity;
}

function normalized(text: string): string {
  return text.toLowerCase().trim();
}

async function load(url: string): Promise<readonly EmojiGroup[]> {
  const response = await fetch(url);
  const groups: unknown = await response.json();
  if (!isStored(groups)) throw new TypeError(`${url} has no emoji`);
  return groups.map(({ name, emoji }) => ({
    name,
    emoji: emoji.filter(([emoji = "", , , , , isNew]) => !isNew || isDrawn(emoji))
      .map(([emoji = "", label = "", names = "", keywords = "", toned = ""]) => ({
        emoji,
        label,
        names: names.split(" "),
        keywords: keywords.split(" "),
        toned,
      })),
  }));
}

interface StoredGroup {
  readonly name: string;
  readonly emoji: readonly (readonly string[])[];
}

function isStored(value: unknown): value is readonly StoredGroup[] {
  return Array.isArray(value) &&
    value.every((one) => isRecord(one) && typeof one.name === "string" && Array.isArray(one.emoji));
}
