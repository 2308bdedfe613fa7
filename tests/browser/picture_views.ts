import { join } from "node:path";
import type { BrowserContextOptions, Page } from "playwright-core";
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

/** The API key that publishes. */
export const PUBLISH_KEY = "a-key-of-22-characters";

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

/** Selects a conversation, as a link does. */
export async function goTo({ page }: ChatPage, channel: string): Promise<void> {
  await page.evaluate((hash) => void (location.hash = hash), channel);
}

/** Changes the language of the page, as another tab of the browser would: the names of buttons are English in between. */
export async function speak(page: Page, tag: string): Promise<void> {
  await page.evaluate((tag) => {
    localStorage.setItem("halley.language", JSON.stringify(tag));
    dispatchEvent(new StorageEvent("storage", { key: "halley.language" }));
  }, tag);
  await page.waitForFunction((tag) => document.documentElement.lang === tag, tag);
}

/** Publishes a notice to everyone. */
export async function publish(url: string, text: string): Promise<void> {
  const headers = { authorization: `Bearer ${PUBLISH_KEY}`, "content-type": "application/json" };
  const body = JSON.stringify({ to: "everyone", title: text.slice(0, 20), text });
  await (await fetch(`${url}/api/publish`, { method: "POST", headers, body })).body?.cancel();
}

/** Writes a page that shows the pictures of a folder. */
export async function writeIndex(folder: string, names: readonly string[]): Promise<void> {
  const images = names.map((name) =>
    `<figure><img loading="lazy" src="${name}.png"><figcaption>${name}</figcaption></figure>`
  );
  const style = "body{display:flex;flex-wrap:wrap;gap:1rem;font:14px sans-serif;background:#888}" +
    "figure{margin:0}img{height:420px}";
  const head =
    `<!DOCTYPE html><meta charset="utf-8"><title>Pictures</title><style>${style}</style>`;
  await Deno.writeTextFile(join(folder, "index.html"), head + images.join(""));
}
