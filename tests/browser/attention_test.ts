import { assertEquals } from "@std/assert";
import { RemoteChat, type RemoteUser } from "../support/remote_chat.ts";
import { withChat } from "./browser_chat.ts";
import { blurPage, hidePage } from "./hide_page.ts";
import { assertSoon } from "./assert_soon.ts";
import { recordNotifications } from "./record_notifications.ts";
import { withShop } from "./shop.ts";
import { WidgetPage } from "./widget_page.ts";

/** The read markers of a user's only open conversation: their own, and the other person's. */
async function readMarkers(user: RemoteUser): Promise<[own?: number, other?: number]> {
  const { conversations } = await (await user.request("GET", "/api/conversations")).json();
  const [conversation] = conversations;
  return [conversation?.readUpTo, conversation?.other?.readUpTo];
}

Deno.test(
  "[U54] direct messages, mentions and replies are shown on the desktop while the user is elsewhere, if that is turned on",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    const alice = await chat.visit();
    await recordNotifications(alice, "granted");
    await alice.signIn("Alice");
    const direct = `direct:${await alice.publicToken()}`;
    const shown = () => alice.page.evaluate("shownOnDesktop");
    await alice.say("Who comes?");
    await assertSoon(() => alice.delivery("Who comes?"), "Sent");

    await hidePage(alice.page);
    await bob.say(direct, "not asked for");
    await assertSoon(() => alice.unread("bob"), "1 unread");
    await hidePage(alice.page, false);
    await alice.openSettings();
    await alice.page.getByRole("switch", { name: "Desktop notifications" }).click();
    await alice.page.keyboard.press("Escape");
    await bob.say(direct, "seen");
    await assertSoon(() => alice.unread("bob"), "2 unread");
    await hidePage(alice.page);
    await bob.say("room:lobby", "for @Alicent and everybody");
    const mentions = [await alice.publicToken()];
    await bob.send({ channel: "room:lobby", text: "for @alice!", mentions });
    await bob.send({ channel: "room:lobby", text: "Me", replyTo: 1 });
    await bob.say(direct, "psst");
    await blurPage(alice.page);
    await hidePage(alice.page, false);
    await bob.say(direct, "another window is in front");

    await assertSoon(shown, [
      { title: "bob", body: "for @alice!", isTagged: true },
      { title: "bob", body: "Me", isTagged: true },
      { title: "bob", body: "psst", isTagged: true },
      { title: "bob", body: "another window is in front", isTagged: true },
    ]);
    await alice.page.evaluate("clickShown()");
    await alice.sees("not asked for", "seen", "psst", "another window is in front");
  }),
);

Deno.test(
  "[U54] the settings say when the browser blocks notifications",
  withChat(async (chat) => {
    const alice = await chat.visit();
    await recordNotifications(alice, "denied");
    await alice.signIn("alice");
    await alice.openSettings();
    const desktop = alice.page.getByRole("switch", { name: "Desktop notifications" });

    await desktop.click();

    await alice.settings.getByText("Blocked in your browser’s settings.").waitFor();
    await assertSoon(async () => [await desktop.isDisabled(), await desktop.isChecked()], [
      true,
      false,
    ]);
  }),
);

for (const permission of ["default", "denied", "granted"] as const) {
  Deno.test(
    `[U66] where pages cannot show notifications (Android), the settings say so: permission ${permission}`,
    withChat(async (chat) => {
      using remote = new RemoteChat(chat.url);
      const bob = await remote.signIn("bob");
      const alice = await chat.visit();
      await alice.page.addInitScript((permission) => {
        class Illegal {
          static permission = permission;
          static requestPermission() {
            throw new Error("It must not ask");
          }
          constructor() {
            throw new TypeError("Failed to construct 'Notification': Illegal constructor.");
          }
        }
        Reflect.set(globalThis, "Notification", Illegal);
        localStorage.setItem("halley.notifications", "true");
      }, permission);
      await alice.page.reload();
      await alice.signIn("alice");

      await hidePage(alice.page);
      await bob.say(`direct:${await alice.publicToken()}`, "psst");
      await assertSoon(() => alice.unread("bob"), "1 unread");
      await alice.openSettings();

      await alice.settings.getByText("This browser can’t show notifications").waitFor();
      assertEquals(await alice.settings.getByRole("switch").count(), 1); // That of the sound.
    }),
  );
}

Deno.test(
  "[U55] the sound is off until turned on, then plays for direct messages; the choice survives a reload",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    const alice = await chat.visit();
    await recordNotifications(alice, "granted");
    await alice.signIn("alice");
    const direct = `direct:${await alice.publicToken()}`;
    const notes = () => alice.page.evaluate("notes");

    await bob.say(direct, "psst");
    await assertSoon(() => alice.unread("bob"), "1 unread");
    await assertSoon(() => notes(), 0);
    await alice.openSettings();
    await alice.page.getByRole("switch", { name: "Sound" }).click();
    await assertSoon(notes, 2);
    await alice.page.reload();
    await alice.isConnected();
    await alice.composer.click();
    await bob.say("room:lobby", "for everybody");
    await alice.sees("for everybody");
    await assertSoon(() => notes(), 0);
    await bob.say(direct, "psst again");

    await assertSoon(notes, 2);
  }),
);

Deno.test(
  "[U56] the page's title and icon show the number of unread messages for this person",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    const alice = await chat.signIn("alice");
    const icon = () => alice.page.locator("link[rel=icon]").getAttribute("href");
    const plain = await icon();
    await assertSoon(() => alice.page.title(), "Lobby · Halley");

    await alice.joinRoom("tea");
    await alice.say("who comes?");
    await assertSoon(() => alice.delivery("who comes?"), "Sent");
    await alice.select("Lobby");

    await bob.say("room:tea", "for all");
    const mentions = [await alice.publicToken()];
    await bob.send({ channel: "room:tea", text: "@alice!", mentions });
    await bob.send({ channel: "room:tea", text: "me", replyTo: 1 });
    await bob.say(`direct:${await alice.publicToken()}`, "one");
    await bob.say(`direct:${await alice.publicToken()}`, "two");

    await assertSoon(() => alice.page.title(), "(4) Lobby · Halley");
    assertEquals(await alice.unread("tea"), "3 unread");
    await alice.page.reload();
    await assertSoon(() => alice.page.title(), "(4) Lobby · Halley");
    await alice.select("tea");
    await alice.select("Lobby");

    await assertSoon(() => alice.page.title(), "(2) Lobby · Halley");
    await assertSoon(async () => /^data:image\/svg.*%3E2%3C/.test(await icon() ?? ""), true);
    await alice.select("bob");
    await assertSoon(() => alice.page.title(), "bob · Halley");
    await assertSoon(async () => (await icon())?.endsWith(plain ?? "-"), true);
  }),
);

Deno.test(
  "[U65] messages are read only while the page is visible and its window has the focus",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    const alice = await chat.signIn("alice");
    const channel = `direct:${await alice.publicToken()}`;
    const seen = async () => (await readMarkers(bob))[1];
    await bob.say(channel, "one");
    await alice.select("bob");
    await alice.sees("one");
    await assertSoon(seen, 1);

    await blurPage(alice.page);
    await bob.say(channel, "two");
    await alice.sees("one", "two");

    await assertSoon(() => alice.page.title(), "(1) bob · Halley");
    assertEquals(await seen(), 1);
    await blurPage(alice.page, false);
    await assertSoon(seen, 2);
    await assertSoon(() => alice.page.title(), "bob · Halley");
    await alice.log.getByText("New messages", { exact: true }).waitFor();
  }),
);

Deno.test(
  "[U65] the widget too marks messages as read only while the window has the focus",
  withShop(async (chat, shop) => {
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    const visitor = new WidgetPage(await chat.openPage(shop.page(chat)));
    await visitor.enter("alice");
    const stored = await visitor.page.evaluate(
      'Object.values(localStorage).find((value) => value.includes("privateToken"))',
    );
    const alice = remote.user(JSON.parse(String(stored)));
    const read = async () => (await readMarkers(alice))[0];
    await bob.say("room:support", "one");
    await assertSoon(read, 1);

    await blurPage(visitor.page);
    await bob.say("room:support", "two");
    await visitor.sees("one", "two");

    assertEquals(await read(), 1);
    await blurPage(visitor.page, false);
    await assertSoon(read, 2);
  }),
);
