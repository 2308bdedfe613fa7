import { assertEquals } from "@std/assert";
import { RemoteChat } from "../support/remote_chat.ts";
import { assertSoon } from "./assert_soon.ts";
import { withChat } from "./browser_chat.ts";
import { ForeignSite } from "./foreign_site.ts";
import { publishNotices } from "./publish_notices.ts";
import { Shop } from "./shop.ts";
import { WidgetPage } from "./widget_page.ts";

const READ_ONLY = "You can’t send messages here.";

Deno.test(
  "[U73] in a room and a direct conversation where a guest may not write, the composer says so",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    const alice = await chat.signIn("alice");
    const placeholder = () => alice.composer.getAttribute("placeholder");

    for (const address of [`direct:${bob.publicToken}`, "room:news"]) {
      await alice.page.goto(`${chat.url}/#${address}`);
      await assertSoon(placeholder, READ_ONLY);
      await alice.composer.press("x");
      await alice.composer.press("Enter");
      assertEquals([await alice.composer.inputValue(), await alice.texts()], ["", []]);
    }

    await alice.select("Lobby");
    await assertSoon(placeholder, "Message Lobby");
    await alice.say("hello");
    await assertSoon(() => alice.delivery("hello"), "Sent");
  }, { GUEST_DIRECT: "N", GUEST_WRITE: "room:lobby" }),
);

Deno.test("[U73] the widget of a room in which visitors may not write says so, and messages have no Reply", async () => {
  await using site = ForeignSite.open();
  const settings = { ALLOWED_ORIGINS: site.origin, GUEST_WRITE: "none" };
  await withChat(async (chat) => {
    await publishNotices(chat, { to: "room:support", text: "We open at nine" });
    const visitor = new WidgetPage(
      await chat.openPage(new Shop(site).page(chat, 'data-name="vera"')),
    );

    await visitor.launcher.click();
    await assertSoon(() => visitor.composer.getAttribute("placeholder"), READ_ONLY);

    await visitor.widget.getByText("We open at nine").hover();
    await visitor.widget.getByRole("button", { name: "Copy" }).waitFor();
    assertEquals(await visitor.widget.getByRole("button", { name: "Reply" }).count(), 0);
    await visitor.page.keyboard.press("Escape");
    await visitor.composer.waitFor({ state: "detached" });
  }, settings)();
});
