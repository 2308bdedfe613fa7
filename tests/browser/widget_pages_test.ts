import { assertEquals } from "@std/assert";
import { RemoteChat } from "../support/remote_chat.ts";
import { assertSoon } from "./assert_soon.ts";
import { type Shop, withShop } from "./shop.ts";
import type { BrowserChat } from "./browser_chat.ts";
import { WidgetPage } from "./widget_page.ts";

/** The texts in the room, oldest first. */
async function sentTo(chat: BrowserChat): Promise<string[]> {
  using remote = new RemoteChat(chat.url);
  const reader = await remote.signIn("reader");
  const { messages } = await (await reader.request("GET", "/api/channels/room%3Asupport/messages"))
    .json();
  return messages.map(({ text }: { text: string }) => text).reverse();
}

Deno.test(
  "[T33] through ten pages of a site, with the server away for two, texts, drafts and the open chat are kept; each text is sent once",
  withShop(async (chat: BrowserChat, shop: Shop) => {
    chat.errors.expect("network");
    const pages = Array.from({ length: 10 }, () => shop.page(chat));
    const alice = new WidgetPage(await chat.openPage(pages[0]!));
    const visit = (n: number) => alice.page.goto(pages[n]!);
    await alice.enter("alice");
    await alice.say("one");
    await visit(1);
    await alice.composer.fill("a draft");
    await visit(2);
    await assertSoon(() => alice.composer.inputValue(), "a draft");
    await alice.say("two");
    await visit(3);
    await alice.sees("one", "two");
    // Some requests are under way, and some are not sent yet.
    const network = /\/(api\/|halley\.js)/;
    await alice.page.route(network, (route) => route.abort());
    await alice.say("three");
    await alice.say("four");
    await alice.composer.fill("another draft");
    await chat.kill();
    await visit(4);
    await visit(5);
    assertEquals(await alice.widget.count(), 0);
    await chat.restart();
    await visit(6);
    await alice.panel.waitFor();
    await assertSoon(() => alice.composer.inputValue(), "another draft");
    await visit(7);
    await alice.page.unroute(network);
    await visit(8);
    await visit(9);

    await alice.sees("one", "two", "three", "four");
    await assertSoon(() => alice.composer.inputValue(), "another draft");
    await assertSoon(() => alice.panel.getByLabel("Not sent yet").count(), 0);
    assertEquals(await sentTo(chat), ["one", "two", "three", "four"]);
    await alice.panel.getByRole("button", { name: "Close chat" }).click();
    await visit(0);
    await alice.launcher.waitFor();
    await assertSoon(() => alice.launcher.getAttribute("aria-expanded"), "false");
  }),
);

Deno.test(
  "[T34] while the chat is closed, the newest message is beside its button, and the title counts the unread ones",
  withShop(async (chat, shop) => {
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    const alice = new WidgetPage(await chat.openPage(shop.page(chat)));
    await alice.enter("alice");
    await alice.panel.getByText("No messages yet").waitFor();
    await alice.page.keyboard.press("Escape");
    const preview = alice.widget.locator(".preview");

    await bob.say("room:support", "one");
    await assertSoon(() => preview.textContent(), "bobone");
    await assertSoon(() => alice.page.title(), "(1) Telescopes");
    await alice.page.reload();
    await assertSoon(() => preview.textContent(), "bobone");
    await preview.getByRole("button", { name: "Dismiss" }).click();
    await assertSoon(() => preview.count(), 0);
    await bob.say("room:support", "two");
    await assertSoon(() => preview.textContent(), "bobtwo");
    await assertSoon(() => alice.page.title(), "(2) Telescopes");
    await preview.getByRole("button").first().click();

    await alice.sees("one", "two");
    await assertSoon(() => alice.page.title(), "Telescopes");
    assertEquals(await preview.count(), 0);
  }),
);

Deno.test(
  "[T35] on a phone, the browser's button Back closes the chat, and then leaves the page",
  withShop(async (chat, shop) => {
    const viewport = { width: 390, height: 700 };
    const [first, second] = [shop.page(chat), shop.page(chat)];
    const alice = new WidgetPage(await chat.openPage(first, { viewport }));
    await alice.page.goto(second);
    await alice.enter("alice");
    await alice.say("hello");
    await assertSoon(() => alice.page.evaluate(() => history.state?.halley), true);

    await alice.page.goBack();
    await assertSoon(() => alice.panel.count(), 0);
    assertEquals(alice.page.url(), second);
    await assertSoon(() => alice.focused(), "button launcher");
    await alice.launcher.click();
    await alice.panel.getByRole("button", { name: "Close chat" }).click();
    await assertSoon(() => alice.page.evaluate(() => history.state?.halley ?? false), false);
    await alice.page.goBack();

    assertEquals(alice.page.url(), first);
  }),
);
