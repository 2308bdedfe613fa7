import { assertEquals, assertLessOrEqual } from "@std/assert";
import { SECRET, tokenFor } from "../support/tokens.ts";
import { assertSoon } from "./assert_soon.ts";
import { type BrowserChat, withChat } from "./browser_chat.ts";
import { ClientBrowser, ClientTab } from "./client_tab.ts";
import { withoutLocks } from "./degraded_browser.ts";

const JWT_SETTINGS = {
  AUTH: "jwt",
  JWT_SECRET: SECRET,
  JWT_ISSUER: "https://shop.example",
  JWT_AUDIENCE: "halley",
};

/** Longer than the shortest hold, and far shorter than the hold of these tests: 20 s. */
const SOON = 10_000;

for (
  const [where, script] of [
    ["", () => {}],
    [" without Web Locks", withoutLocks],
  ] as const
) {
  Deno.test(
    `[C63] seven tabs without \`user\` warn, and a send of the seventh is answered at once over HTTP/1.1${where}`,
    withChat(async (chat) => {
      chat.errors.expect("widget");
      const { tabs, warnings } = await openTabs(chat, 7, script);
      const last = tabs.at(-1)!;

      for (const text of ["one", "two"]) {
        const took = await last.page.evaluate(async (text) => {
          const start = performance.now();
          await client.send({ channel: "room:tea", text });
          return performance.now() - start;
        }, text);
        assertLessOrEqual(took, SOON);
      }

      for (const tab of tabs) await assertSoon(() => tab.texts(), ["one", "two"]);
      assertEquals(warnings.length, 7);
      assertEquals(warnings.every((text) => text.includes("`user`")), true);
      // A tab that is closed leaves its slot to the next one.
      for (const tab of tabs.slice(0, 4)) await tab.page.close({ runBeforeUnload: true });
      await assertSoon(async () => (await metric(chat, "halley_parked_polls")) === 3, true);
    }, JWT_SETTINGS),
  );
}

/** Opens tabs with clients of one user whom the library does not know. */
async function openTabs(chat: BrowserChat, count: number, script: () => void) {
  const browser = await ClientBrowser.open(chat, { privateToken: "" }, script);
  const token = await tokenFor();
  await browser.context.addInitScript((token) => {
    Object.assign(globalThis, { clientOptions: { getToken: () => token } });
  }, token);
  const warnings: string[] = [];
  browser.context.on("console", (message) => {
    if (message.type() === "warning") warnings.push(message.text());
  });
  const tabs: ClientTab[] = [];
  while (tabs.length < count) {
    const tab = await browser.openTab("room:tea");
    await assertSoon(() => tab.state(), "connected");
    tabs.push(tab);
  }
  return { tabs, warnings };
}

async function metric({ url }: BrowserChat, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\d+)$`, "m").exec(text)?.[1]);
}
