import { assertEquals } from "@std/assert";
import type { Message } from "../../client/comet/halley.ts";
import type { Deliveries } from "../../server/protocol/admin_replies.ts";
import { SECRET, tokenFor } from "../support/tokens.ts";
import { assertSoon } from "./assert_soon.ts";
import { type BrowserChat, PUBLISH_KEY, withChat } from "./browser_chat.ts";
import { ForeignSite } from "./foreign_site.ts";
import { publishNotices } from "./publish_notices.ts";
import { Shop } from "./shop.ts";
import { WidgetPage } from "./widget_page.ts";

/** Runs a test with a shop whose back end may ask what became of its notices. */
function withBackEnd(
  test: (chat: BrowserChat, shop: Shop) => Promise<void>,
  settings: Readonly<Record<string, string>> = {},
): () => Promise<void> {
  return async () => {
    await using site = ForeignSite.open();
    const all = {
      ALLOWED_ORIGINS: site.origin,
      API_KEYS: `shop:admin:${PUBLISH_KEY}`,
      ...settings,
    };
    await withChat((chat) => test(chat, new Shop(site)), all)();
  };
}

/** How far a message has come. */
async function stateOf(chat: BrowserChat, id: number): Promise<Deliveries["state"]> {
  const response = await fetch(`${chat.url}/api/messages/${id}/deliveries`, {
    headers: { authorization: `Bearer ${PUBLISH_KEY}` },
  });
  const { state }: Deliveries = await response.json();
  return state;
}

/** The public token of the visitor, whose session the page has stored. */
function visitorOf({ page }: WidgetPage): Promise<string> {
  return page.evaluate(() => {
    const stored = Object.entries(localStorage).find(([key]) => /^halley\.widget:[^#]*$/.test(key));
    return JSON.parse(stored?.[1] ?? "{}").publicToken;
  });
}

Deno.test(
  "[T30] once it was opened, the widget takes notices on all pages, counts them, and shows the unread ones when it is opened",
  withBackEnd(async (chat, shop) => {
    const alice = new WidgetPage(await chat.openPage(shop.page(chat)));
    await alice.enter("alice");
    const to = `session:${await visitorOf(alice)}`;
    const cards = () => alice.panel.locator(".notice-cards .text").allTextContents();
    await alice.panel.locator('.connection[data-state="connected"]').waitFor();
    await alice.page.keyboard.press("Escape");
    await alice.page.reload();
    const noticed: string[] = [];
    await alice.page.exposeFunction("noticed", (text: string) => noticed.push(text));
    await alice.page.evaluate(() => {
      addEventListener("halley:notice", (event) => {
        const { detail }: { detail?: Message } = Object(event);
        Object(globalThis).noticed(detail?.text);
      });
    });

    await publishNotices(chat, { to, text: "Your order is on its way" });
    await assertSoon(() => alice.launcher.getAttribute("data-unread"), "1");
    await assertSoon(() => stateOf(chat, 1), "delivered");

    await alice.launcher.click();
    await assertSoon(cards, ["Your order is on its way"]);
    await assertSoon(() => stateOf(chat, 1), "seen");
    await alice.panel.getByRole("button", { name: "OK" }).click();
    await assertSoon(cards, []);
    assertEquals(await alice.focused(), "section panel");

    await alice.launcher.click();
    await publishNotices(chat, { to, text: "It is here" });
    await assertSoon(() => alice.launcher.getAttribute("data-unread"), "1");
    await alice.launcher.click();
    await assertSoon(cards, ["It is here"]);
    assertEquals(noticed, ["Your order is on its way", "It is here"]);
  }),
);

Deno.test(
  "[T30] a user who has never connected finds waiting notices in the widget",
  withBackEnd(async (chat, shop) => {
    await publishNotices(chat, { to: "user:42", text: "one" }, { to: "user:42", text: "two" });
    const page = shop.page(chat, `data-connect="always"`);
    const alice = new WidgetPage(await chat.openPage(page));
    const token = await tokenFor({ sub: "42", name: "alice" });
    await alice.page.evaluate(async (token) => {
      await Object(document.querySelector("halley-widget")).useTokens(() => token, "42");
    }, token);
    await assertSoon(() => alice.launcher.getAttribute("data-unread"), "2");
    assertEquals(await stateOf(chat, 1), "waiting");

    await alice.launcher.click();

    await assertSoon(() => alice.texts(), ["two", "one"]);
    await assertSoon(() => stateOf(chat, 1), "seen");
  }, {
    AUTH: "jwt",
    JWT_SECRET: SECRET,
    JWT_ISSUER: "https://shop.example",
    JWT_AUDIENCE: "halley",
  }),
);
