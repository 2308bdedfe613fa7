import { assertEquals, assertLessOrEqual } from "@std/assert";
import { fileURLToPath } from "node:url";
import { DICTIONARIES } from "../../client/ui/i18n/dictionaries.ts";
import { readAssets } from "../../server/http/assets.ts";
import { exampleOf } from "../docs/examples.ts";
import { RemoteChat } from "../support/remote_chat.ts";
import { ForeignSite } from "./foreign_site.ts";
import { Shop, withShop } from "./shop.ts";
import { assertSoon } from "./assert_soon.ts";
import { WidgetPage } from "./widget_page.ts";

/** With any query. */
const CHAT_SCRIPT = /\/widget-chat\.js/;

Deno.test(
  "[T14] on a page whose origin is not allowed, the widget informs the visitor and the developer",
  withShop(async (chat) => {
    await using stranger = ForeignSite.open();
    const url = new Shop(stranger).page(chat);
    const alice = new WidgetPage(await chat.openPage(url));

    await alice.launcher.click();

    await assertSoon(
      async () => (await alice.panel.getByRole("alert").allTextContents()).join(),
      "Chat isn’t available on this page.",
    );
    assertEquals(await alice.nameField.count(), 0);
    const logged = () =>
      Promise.resolve(chat.errors.all.filter((error) => error.includes("ALLOWED_ORIGINS=")));
    await assertSoon(logged, [
      `console: Halley: ${chat.url}/ does not allow this page. Add its origin there: ` +
      `ALLOWED_ORIGINS=${stranger.origin}. If it is there, a gateway answers without CORS headers, ` +
      "or a script adds a header that is not in ALLOWED_HEADERS",
    ]);
    chat.errors.all.length = 0;
  }),
);

Deno.test(
  "[T14] while the server is unavailable, the widget says no more than that",
  withShop(async (chat, shop) => {
    const alice = new WidgetPage(await chat.openPage(shop.page(chat)));
    await alice.launcher.click();
    await alice.nameField.waitFor();
    await chat.kill();
    await alice.nameField.fill("alice");
    await alice.nameField.press("Enter");
    await alice.panel.getByText("Can’t reach the server").waitFor();

    await chat.restart();
    await alice.panel.getByRole("button", { name: "Start chatting" }).click();

    await alice.composer.waitFor();
  }),
);

Deno.test(
  "[T15] a widget that is removed from the page stops reading, and continues when it is inserted again",
  withShop(async (chat, shop) => {
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    const alice = new WidgetPage(await chat.openPage(shop.page(chat, `data-name="alice"`)));
    await alice.launcher.click();
    await alice.composer.waitFor();
    await alice.panel.locator('.connection[data-state="connected"]').waitFor();
    const { page } = alice;
    const aborted = page.waitForEvent(
      "requestfailed",
      (request) => request.url().endsWith("/api/poll"),
    );

    await alice.widget.evaluate((widget) => {
      Reflect.set(globalThis, "removed", widget);
      widget.remove();
    });
    await aborted;
    await page.evaluate("document.documentElement.append(removed)");
    await alice.composer.waitFor();

    await bob.say("room:support", "welcome back");
    await alice.sees("welcome back");
  }),
);

Deno.test(
  "[T16] the chat is loaded for a visitor who opens it, and on further pages if they have opened it and have a session",
  withShop(async (chat, shop) => {
    const loaded: string[] = [];
    const alice = new WidgetPage(await chat.openPage("about:blank"));
    alice.page.on("request", (request) => {
      const { pathname } = new URL(request.url());
      if (request.url().startsWith(`${chat.url}/`)) loaded.push(pathname);
    });
    await alice.page.goto(shop.page(chat));
    await alice.launcher.waitFor();

    assertEquals(loaded, ["/widget.js"]);
    await alice.enter("alice");
    await alice.page.keyboard.press("Escape");
    await alice.page.goto("about:blank");
    loaded.length = 0;
    await alice.page.goto(shop.page(chat));
    await assertSoon(() => Promise.resolve(loaded.includes("/api/poll")), true);
    await alice.page.goto("about:blank");
    loaded.length = 0;
    await alice.page.goto(shop.page(chat, `data-room="other"`, { room: "" }));
    await alice.launcher.waitFor();
    await alice.page.waitForLoadState("networkidle");
    assertEquals(loaded, ["/widget.js"]);
  }),
);

Deno.test(
  "[T16] users of an application are connected on all pages once they have opened the chat, or with data-connect",
  withShop(async (chat, shop) => {
    const asked: string[] = [];
    const alice = new WidgetPage(await chat.openPage("about:blank"));
    await alice.page.route("**/chat-token", (route) => {
      asked.push(route.request().url());
      return route.fulfill({ status: 204 });
    });
    const page = (more = "") => shop.page(chat, `data-token-url="/chat-token" ${more}`);
    await alice.page.goto(page());
    await alice.launcher.hover();
    await alice.page.waitForLoadState("networkidle");

    assertEquals(asked.length, 0);
    await alice.page.goto(page(`data-connect="always"`));
    await assertSoon(() => Promise.resolve(asked.length), 1);
    await alice.launcher.click();
    await alice.page.keyboard.press("Escape");
    asked.length = 0;
    await alice.page.goto(page());
    await assertSoon(() => Promise.resolve(asked.length > 0), true);
  }),
);

for (const tag of Object.keys(DICTIONARIES)) {
  Deno.test(`[T18] the button has at most 3.5 kB gzipped, and with the chat in ${tag}, which is loaded when it is opened, 45 kB`, async () => {
    const button = await servedSize("/widget.js");
    const chat = await servedSize("/widget-chat.js", `/widget-${tag}.json`);

    assertLessOrEqual(inTenths(button), 3.5);
    assertLessOrEqual(inTenths(button + chat), 45);
  });
}

/** The size of some files in bytes, gzipped. */
async function servedSize(...paths: readonly string[]): Promise<number> {
  const assets = await readAssets(fileURLToPath(new URL("../../static/", import.meta.url)));
  return paths.reduce((sum, path) => sum + assets.get(path)!.gzipped().length, 0);
}

/** In kB; to a tenth, since not every CPU compresses to the same byte. */
function inTenths(size: number): number {
  return Math.round(size / 100) / 10;
}

Deno.test(
  "[T16] if the chat cannot be loaded, the widget says so, and the next click tries again",
  withShop(async (chat, shop) => {
    const alice = new WidgetPage(await chat.openPage(shop.page(chat)));
    const status = alice.widget.locator(".status");
    chat.errors.expect("network");
    await alice.page.route(CHAT_SCRIPT, (route) => route.abort());

    await alice.launcher.click();
    await assertSoon(() => status.textContent(), "Couldn’t load the chat. Try again.");
    await alice.page.unroute(CHAT_SCRIPT);
    await alice.launcher.click();

    await alice.nameField.waitFor();
    await assertSoon(() => status.textContent(), "");
  }),
);

Deno.test(
  "[T17] the page in WIDGET.md opens the chat with its own button, which shows the number of unread messages",
  withShop(async (chat, { site }) => {
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    const example = async (name: string) =>
      (await exampleOf("docs/WIDGET.md", name)).replaceAll("http://127.0.0.1:8000", chat.url);
    site.put("/ask.js", { text: await example("ask.js"), type: "text/javascript" });
    const alice = new WidgetPage(
      await chat.openPage(site.put("/", { text: await example("widget") })),
    );
    const button = alice.page.locator("#ask");

    await alice.launcher.waitFor();
    await button.click();
    await alice.enterName("alice");
    await alice.panel.getByText("No messages yet").waitFor();
    await alice.page.keyboard.press("Escape");
    await bob.say("room:support", "hello");

    await assertSoon(() => button.textContent(), "Ask us (1 new)");
    await button.click();
    await alice.sees("hello");
    await assertSoon(() => button.textContent(), "Ask us");
  }),
);
