import englishNames from "emojibase-data/en/data.json" with { type: "json" };
import englishMessages from "emojibase-data/en/messages.json" with { type: "json" };
import githubNames from "emojibase-data/en/shortcodes/github.json" with { type: "json" };
import moreNames from "emojibase-data/en/shortcodes/emojibase.json" with { type: "json" };
import chineseNames from "emojibase-data/zh/data.json" with { type: "json" };
import chineseMessages from "emojibase-data/zh/messages.json" with { type: "json" };
import frenchNames from "emojibase-data/fr/data.json" with { type: "json" };
import frenchMessages from "emojibase-data/fr/messages.json" with { type: "json" };
import germanNames from "emojibase-data/de/data.json" with { type: "json" };
import germanMessages from "emojibase-data/de/messages.json" with { type: "json" };
import japaneseNames from "emojibase-data/ja/data.json" with { type: "json" };
import japaneseMessages from "emojibase-data/ja/messages.json" with { type: "json" };
import spanishNames from "emojibase-data/es/data.json" with { type: "json" };
import spanishMessages from "emojibase-data/es/messages.json" with { type: "json" };

/** What is used of an emoji in the package. */
interface Named {
  readonly hexcode: string;
  readonly emoji: string;
  readonly label: string;
  readonly tags?: readonly string[];
  readonly group?: number;
  readonly version: number;
  readonly skins?: readonly { readonly emoji: string; readonly tone: number | readonly number[] }[];
}

interface Titled {
  readonly groups: readonly { readonly order: number; readonly message: string }[];
}

type Shortcodes = Readonly<Record<string, string | readonly string[]>>;

/** Emoji of later versions are missing in the fonts of nearly all systems, and refused as reactions. */
const NEWEST_VERSION = 16;

/** Emoji of later versions are missing in the fonts of many systems: the page shows those that this one has. */
const USUAL_VERSION = 15;

/** The group of skin tones and hair styles, which are parts of emoji. */
const COMPONENTS = 2;

/** There are no Arabic names in the package: only the groups have titles. */
const ARABIC_GROUPS = [
  "الوجوه والمشاعر",
  "الأشخاص والجسم",
  "المكونات",
  "الحيوانات والطبيعة",
  "الطعام والشراب",
  "السفر والأماكن",
  "الأنشطة",
  "الأشياء",
  "الرموز",
  "الأعلام",
].map((message, order) => ({ order, message }));

/** The files from which the page takes its emoji: groups of `[emoji, label, names, keywords, toned, new]`: names and keywords by spaces, the emoji with the lightest skin tone if it can have one, and whether fonts may lack it. */
export function emojiFiles(): ReadonlyMap<string, string> {
  return new Map([
    ["emoji-en.json", fileOf(englishNames, englishMessages)],
    ["emoji-ar.json", fileOf(englishNames, { groups: ARABIC_GROUPS })],
    ["emoji-zh.json", fileOf(chineseNames, chineseMessages)],
    ["emoji-de.json", fileOf(germanNames, germanMessages)],
    ["emoji-es.json", fileOf(spanishNames, spanishMessages)],
    ["emoji-fr.json", fileOf(frenchNames, frenchMessages)],
    ["emoji-ja.json", fileOf(japaneseNames, japaneseMessages)],
  ]);
}

function fileOf(all: readonly Named[], { groups }: Titled): string {
  const shown = groups.filter(({ order }) => order !== COMPONENTS).map(({ order, message }) => ({
    name: message.replace(/^\p{L}/u, (letter) => letter.toUpperCase()),
    emoji: all.filter(({ group, version }) => group === order && version <= NEWEST_VERSION)
      .map(rowOf),
  }));
  return JSON.stringify(shown);
}

function rowOf({ hexcode, emoji, label, tags = [], skins, version }: Named): readonly string[] {
  const codes: readonly Shortcodes[] = [githubNames, moreNames];
  const names = [...new Set(codes.flatMap((shortcodes) => shortcodes[hexcode] ?? []))];
  const known = new Set([...label.split(" "), ...names.flatMap((name) => name.split("_"))]);
  const keywords = tags.flatMap((tag) => tag.split(" ")).filter((tag) => !known.has(tag));
  const toned = skins?.find(({ tone }) => tone === 1)?.emoji ?? "";
  const row = [emoji, label, names.join(" "), keywords.join(" ")];
  if (version > USUAL_VERSION) return [...row, toned, "new"];
  return toned ? [...row, toned] : row;
}
