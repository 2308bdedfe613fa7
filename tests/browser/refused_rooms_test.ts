import { assertEquals } from "@std/assert";
import { assertSoon } from "./assert_soon.ts";
import { withChat } from "./browser_chat.ts";
import { publishNotices } from "./publish_notices.ts";
import { ForeignSite } from "./foreign_site.ts";
import { Shop } from "./shop.ts";
import { WidgetPage } from "./widget_page.ts";

const NOT_AVAILABLE = "Chat isn’t available on this page.";
const NO_ACCESS = "You don’t have access to this chat.";
const NOT_READABLE = "You don’t have permission to read this room.";

Deno.test(
  "[U70] a room that may not be read says so in place of its composer, and the others go on",
  withChat(async (chat) => {
    chat.errors.expect("refusal");
    const alice = await chat.signIn("alice");
    const bob = await chat.signIn("bob");

    await alice.joinRoom("secret");
    await alice.page.getByRole("alert").getByText(NOT_READABLE).waitFor();

    // The people of the room are refused by a request of their own.
    await assertSoon(() => alice.composer.count(), 0);
    await assertSoon(() => alice.page.locator(".people li, .people .empty").count(), 0);
    await assertSoon(() => alice.page.locator("p.presence").count(), 0);
    await assertSoon(() => alice.conversation("secret").getByText(NOT_READABLE).count(), 1);
    await assertSoon(() => alice.badge.textContent(), "Connected");
    await bob.say("still here");
    await alice.select("Lobby");
    await alice.sees("still here");
    await alice.composer.waitFor();
  }, { GUEST_READ: "room:lobby,room:tea" }),
);

Deno.test(
  "[U70] after a restart with fewer rights the room keeps its place and says so, until it may be read again",
  withChat(async (chat) => {
    chat.errors.expect("refusal");
    const alice = await chat.signIn("alice");
    await alice.joinRoom("tea");
    await alice.say("one");
    await assertSoon(() => alice.delivery("one"), "Sent");

    await chat.kill();
    await chat.restart({ GUEST_READ: "room:lobby" });
    await alice.page.getByRole("alert").getByText(NOT_READABLE).waitFor();
    assertEquals(await alice.conversation("tea").count(), 1);
    await chat.kill();
    await chat.restart();
    await alice.isConnected();
    // The page may have tried again already, when the connection was back.
    await alice.button("Try again").evaluateAll((all) => {
      for (const button of all) if (button instanceof HTMLElement) button.click();
    });

    await alice.composer.waitFor();
    await alice.sees("one");
    await alice.say("two");
    await alice.sees("one", "two");
  }),
);

Deno.test(
  "[U70] a room beyond the limit of rooms says so, and opens as soon as there is space",
  withChat(async (chat) => {
    chat.errors.expect("refusal");
    await chat.signIn("alice");
    const bob = await chat.signIn("bob");
    // The share of one session: each has topics of its own besides the rooms.
    await bob.joinRoom("tea");
    await bob.composer.waitFor();
    await bob.joinRoom("milk");
    const alert = bob.page.getByRole("alert").getByText("The server has no space for another room");
    await alert.waitFor();
    assertEquals(await bob.conversation("milk").getByText("No messages yet").count(), 0);
    assertEquals(await bob.page.locator("main .empty, .people li").count(), 0);

    await bob.select("tea");
    await bob.leave();
    await bob.select("milk");

    await alert.waitFor({ state: "detached" });
    await bob.say("space");
    await bob.sees("space");
  }, { ROOMS: "12", CONNECT_INTERVAL: "1000" }),
);

Deno.test(
  "[U71] without a readable home room the page opens with the list; notices and links to rooms work",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    await alice.page.getByText("Select a conversation").waitFor();
    assertEquals(await alice.conversation("Lobby").count(), 0);

    await publishNotices(chat, { text: "Coffee is ready" });
    await assertSoon(() => alice.unread("Notices"), "1 unread");
    await alice.select("Notices");
    await alice.sees("Coffee is ready");

    await alice.page.goto(`${chat.url}/#room:team-red`);
    await alice.page.reload();
    await alice.isConnected();
    await alice.say("hello team");
    await alice.sees("hello team");
    await alice.leave();
    await alice.page.getByText("Select a conversation").waitFor();
    await alice.page.reload();
    await alice.page.getByText("Select a conversation").waitFor();
    assertEquals(new URL(alice.page.url()).hash, "");
  }, { GUEST_READ: "room:team-*" }),
);

Deno.test("[T21] before a visitor gives a name, the widget says that its room cannot be used, and why on the console", async () => {
  await using site = ForeignSite.open();
  const settings = { ALLOWED_ORIGINS: site.origin, GUEST_READ: "room:lobby" };
  await withChat(async (chat) => {
    chat.errors.expect("widget");
    const shop = new Shop(site);
    for (
      const [room, words, reason] of [
        ["support", NO_ACCESS, 'cannot read "room:support" on .*GUEST_READ'],
        ["no room", NOT_AVAILABLE, 'data-room="no room" is not a valid room'],
        ["support-{visitor}", NOT_AVAILABLE, "set VISITOR_ROOMS=support-\\* there"],
      ] as const
    ) {
      const page = shop.page(chat, `data-room="${room}"`, { room: "" });
      const visitor = new WidgetPage(await chat.openPage("about:blank"));
      const said: string[] = [];
      visitor.page.on("console", (message) => said.push(message.text()));
      await visitor.page.goto(page);

      await visitor.launcher.click();
      await visitor.panel.getByRole("alert").getByText(words).waitFor();

      assertEquals(await visitor.nameField.count(), 0);
      await assertSoon(() => Promise.resolve(said.some((line) => line.match(reason))), true);
    }
  }, settings)();
});
