import { RemoteChat } from "../support/remote_chat.ts";
import { withChat } from "./browser_chat.ts";
import type { ChatPage } from "./chat_page.ts";
import { hidePage } from "./hide_page.ts";
import { assertSoon } from "./assert_soon.ts";

/** Replaces the notification and audio APIs by ones that record their calls. */
async function recordNotifications(
  { page }: ChatPage,
  permission: NotificationPermission,
): Promise<void> {
  await page.addInitScript((permission) => {
    const shown: unknown[] = [];
    class Shown {
      static permission = "default";
      static requestPermission() {
        Shown.permission = permission;
        return Promise.resolve(permission);
      }
      onclick: (() => void) | undefined;
      constructor(title: string, { body, tag }: NotificationOptions) {
        shown.push({ title, body, isTagged: /^halley-\d+$/.test(tag ?? "") });
        Reflect.set(globalThis, "clickShown", () => this.onclick?.());
      }
      close() {}
    }
    Reflect.set(globalThis, "Notification", Shown);
    Reflect.set(globalThis, "shownOnDesktop", shown);
    Reflect.set(globalThis, "notes", 0);
    const { start } = OscillatorNode.prototype;
    OscillatorNode.prototype.start = function (when) {
      Reflect.set(globalThis, "notes", Reflect.get(globalThis, "notes") + 1);
      start.call(this, when);
    };
  }, permission);
  await page.reload();
}

Deno.test(
  "[U54] direct messages and mentions are shown on the desktop while the page is hidden, if that is turned on",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    const alice = await chat.visit();
    await recordNotifications(alice, "granted");
    await alice.signIn("Alice");
    const direct = `direct:${await alice.publicToken()}`;
    const shown = () => alice.page.evaluate("shownOnDesktop");

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
    await bob.say("room:lobby", "for @alice!");
    await bob.say(direct, "psst");

    await assertSoon(shown, [
      { title: "bob", body: "for @alice!", isTagged: true },
      { title: "bob", body: "psst", isTagged: true },
    ]);
    await alice.page.evaluate("clickShown()");
    await alice.sees("not asked for", "seen", "psst");
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
  "[U56] the page's title and icon show the number of unread messages",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    const alice = await chat.signIn("alice");
    const icon = () => alice.page.locator("link[rel=icon]").getAttribute("href");
    const plain = await icon();
    await assertSoon(() => alice.page.title(), "Lobby · Halley");

    await bob.say(`direct:${await alice.publicToken()}`, "one");
    await bob.say(`direct:${await alice.publicToken()}`, "two");

    await assertSoon(() => alice.page.title(), "(2) Lobby · Halley");
    await assertSoon(async () => /^data:image\/svg.*%3E2%3C/.test(await icon() ?? ""), true);
    await alice.select("bob");
    await assertSoon(() => alice.page.title(), "bob · Halley");
    await assertSoon(async () => (await icon())?.endsWith(plain ?? "-"), true);
  }),
);
