import type { BrowserContextOptions } from "playwright-core";
import type { RemoteUser } from "../support/remote_chat.ts";
import type { ChatPage } from "./chat_page.ts";

/** The sizes of `pictures.ts`. */
export const SIZES = {
  wide: { viewport: { width: 1280, height: 800 } },
  tablet: { viewport: { width: 820, height: 1180 }, hasTouch: true },
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
} satisfies Record<string, BrowserContextOptions>;

/** The looks of each size. */
export const LOOKS = {
  light: {},
  dark: { colorScheme: "dark" },
  forced: { forcedColors: "active" },
  arabic: {},
} satisfies Record<string, BrowserContextOptions>;

/** The names and texts of a look. The long text is folded. */
export const WORDS = {
  english: {
    names: ["Alice", "Bob", "Carol of the telescopes"],
    texts: [
      "Clear sky over the valley. Is anybody going up tonight?",
      "I’ll take it from ten to midnight. **Bring** `v2.3.1`, see https://example.com/a/b?c=d.",
      "```\nfor (const star of sky) look(star);\n```",
      Array.from({ length: 25 }, (_, n) => `Line ${n + 1} of a long text.`).join("\n"),
    ],
    mention: (name: string) => `@${name} please look`,
    answer: "On it!",
  },
  arabic: {
    names: ["أليس", "عمر الفاروق", "مريم"],
    texts: [
      "السماء صافية فوق الوادي. هل سيصعد أحد الليلة؟",
      "سآخذها من العاشرة حتى منتصف الليل. **أحضر** `v2.3.1`، انظر https://example.com/a/b?c=d.",
      "```\nfor (const star of sky) look(star);\n```",
      Array.from({ length: 25 }, (_, n) => `السطر ${n + 1} من نص طويل.`).join("\n"),
    ],
    mention: (name: string) => `@${name} انظر من فضلك`,
    answer: "حسنًا!",
  },
};

/** One size and look. */
export interface View {
  readonly name: string;
  readonly isNarrow: boolean;
  readonly words: (typeof WORDS)["english"];
  readonly options: BrowserContextOptions;
}

/** Who writes, and where. */
interface Scene {
  readonly alice: ChatPage;
  readonly bob: RemoteUser;
  readonly carol: RemoteUser;
  readonly channel: string;
}

/** Messages of all kinds. */
export async function fill({ words }: View, { alice, bob, carol, channel }: Scene): Promise<void> {
  const [own = ""] = words.names;
  const token = await alice.publicToken();
  const idOf = async (response: Promise<Response>) => (await (await response).json()).id;
  const [first = "", ...others] = words.texts;
  const id = await idOf(bob.say(channel, first));
  for (const text of others) await carol.say(channel, text);
  await idOf(bob.send({ channel, text: words.mention(own), mentions: [token] }));
  const answer = await idOf(carol.send({ channel, text: words.answer, replyTo: id }));
  for (const [who, emoji] of [[bob, "😂"], [carol, "😂"], [bob, "❤️"]] as const) {
    const path = `/api/messages/${answer}/reactions/${encodeURIComponent(emoji)}`;
    await who.request("PUT", path);
  }
  await bob.say(`direct:${token}`, first);
  await bob.say(`direct:${token}`, words.answer);
}
