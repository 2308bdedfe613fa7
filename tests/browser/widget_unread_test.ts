import { RemoteChat } from "../support/remote_chat.ts";
import { assertSoon } from "./assert_soon.ts";
import { withShop } from "./shop.ts";
import { WidgetPage } from "./widget_page.ts";

Deno.test(
  "[T31] a line marks the messages that arrived while the chat was closed, also after a reload",
  withShop(async (chat, shop) => {
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    const alice = new WidgetPage(await chat.openPage(shop.page(chat)));
    const line = () =>
      alice.panel.locator(".new-line + .group .text, .new-line ~ .group .text").allTextContents();
    await alice.enter("alice");
    await alice.panel.getByText("No messages yet").waitFor();
    await bob.say("room:support", "one");
    await alice.sees("one");
    await alice.page.keyboard.press("Escape");

    await bob.say("room:support", "two");
    await assertSoon(() => alice.launcher.getAttribute("data-unread"), "1");
    await alice.launcher.click();
    await assertSoon(line, ["two"]);

    await alice.page.keyboard.press("Escape");
    await alice.page.reload();
    await bob.say("room:support", "three");
    await assertSoon(() => alice.launcher.getAttribute("data-unread"), "1");
    await alice.launcher.click();
    await assertSoon(line, ["three"]);
  }),
);
