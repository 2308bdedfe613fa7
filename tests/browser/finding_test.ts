import { assertEquals } from "@std/assert";
import { RemoteChat, type RemoteUser } from "../support/remote_chat.ts";
import { accessibilityViolations } from "./accessibility.ts";
import { assertSoon } from "./assert_soon.ts";
import { type BrowserChat, withChat } from "./browser_chat.ts";
import type { ChatPage } from "./chat_page.ts";
import { hidePage } from "./hide_page.ts";
import { overflows } from "./overflows.ts";
import { recordNotifications } from "./record_notifications.ts";

/** The sections of the list with the titles in them. */
function sections({ page }: ChatPage): Promise<(readonly [string, readonly string[]])[]> {
  return page.locator(".conversations > section").evaluateAll((all) =>
    all.map((section) =>
      [
        section.getAttribute("aria-label") ?? "",
        [...section.querySelectorAll(".title > :first-child")].map((title) => title.textContent),
      ] as const
    )
  );
}

function searchOf({ page }: ChatPage) {
  return page.getByRole("searchbox", { name: "Search", exact: true });
}

/** Opens rooms for a user, who has read what is in them. */
async function openRooms(user: ChatPage, names: readonly string[]): Promise<void> {
  for (const name of names) await user.joinRoom(name);
  await user.select("Lobby");
}

/** Signs a user in whose page is open, too. */
async function withBob(chat: BrowserChat, remote: RemoteChat): Promise<[ChatPage, RemoteUser]> {
  return [await chat.signIn("alice"), await remote.signIn("bob")];
}

Deno.test(
  "[U25] pinned and unread conversations stand before direct ones, and these before rooms, each sorted by the newest messages",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const [alice, bob] = await withBob(chat, remote);
    const carol = await remote.signIn("carol");
    await openRooms(alice, ["tea", "milk", "news"]);
    await alice.select("news");
    await alice.openOptions();
    await alice.page.getByRole("switch", { name: "Pin to the top" }).click();
    await alice.select("Lobby");
    await carol.say(`direct:${await alice.publicToken()}`, "hello");
    await alice.select("carol");
    await alice.sees("hello");
    await alice.select("Lobby");
    await bob.say("room:tea", "one");
    await bob.say("room:milk", "two");

    await assertSoon(() => sections(alice), [
      ["Pinned", ["news"]],
      ["Unread", ["milk", "tea"]],
      ["Direct messages", ["carol"]],
      ["Rooms", ["Lobby", "Notices"]],
    ]);
  }),
);

Deno.test(
  "[U25] a conversation that is being read stays among the unread ones until another is selected",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const [alice, bob] = await withBob(chat, remote);
    await openRooms(alice, ["tea"]);
    await bob.say("room:tea", "one");
    await assertSoon(() => alice.unread("tea"), "1 unread");

    await alice.select("tea");
    await assertSoon(() => alice.unread("tea"), "");

    assertEquals((await sections(alice))[0], ["Unread", ["tea"]]);
    await alice.select("Lobby");
    await assertSoon(() => sections(alice), [["Rooms", ["tea", "Lobby", "Notices"]]]);
  }),
);

Deno.test(
  "[U153] a muted conversation makes no noise, does not count in the title, and is marked in the list of all tabs",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    const alice = await chat.visit();
    await recordNotifications(alice, "granted");
    await alice.signIn("alice");
    const direct = `direct:${await alice.publicToken()}`;
    await alice.openSettings();
    await alice.page.getByRole("switch", { name: "Desktop notifications" }).click();
    await alice.page.getByRole("switch", { name: "Sound" }).click();
    await alice.page.keyboard.press("Escape");
    const notes = () => alice.page.evaluate("notes");
    await assertSoon(notes, 2); // Of the switch.
    await bob.say(direct, "one");
    await alice.select("bob");
    const second = await alice.secondWindow();

    await alice.openOptions();
    await alice.page.getByRole("radio", { name: "Nothing" }).check();

    const mark = second.conversation("bob").getByRole("img", { name: "Muted" });
    await mark.waitFor();
    await alice.select("Lobby");
    await second.select("Lobby");
    await hidePage(alice.page);
    const before = await notes();
    await bob.say(direct, "two");
    await assertSoon(() => alice.unread("bob"), "1 unread");
    assertEquals(await alice.page.title(), "Lobby · Halley");
    assertEquals([await alice.page.evaluate("shownOnDesktop"), await notes()], [[], before]);
    await alice.page.reload();
    await alice.conversation("bob").getByRole("img", { name: "Muted" }).waitFor();
  }),
);

Deno.test(
  "[U153] all messages of a room are announced where the user wants that",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    const alice = await chat.visit();
    await recordNotifications(alice, "granted");
    await alice.signIn("alice");
    await alice.openSettings();
    await alice.page.getByRole("switch", { name: "Desktop notifications" }).click();
    await alice.page.keyboard.press("Escape");

    await alice.openOptions();
    await alice.page.getByRole("radio", { name: "Everything" }).check();
    await alice.page.keyboard.press("Escape");
    await hidePage(alice.page);
    await bob.say("room:lobby", "hello");

    await assertSoon(() => alice.page.evaluate("shownOnDesktop"), [
      { title: "bob", body: "hello", isTagged: true },
    ]);
  }),
);

Deno.test(
  "[U154] the options of a conversation work with the keyboard, say when they could not be saved, and fit 320 pixels",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice", { viewport: { width: 320, height: 568 } });
    const { page } = alice;
    await alice.joinRoom("a-room-with-quite-a-long-name-for-a-phone");
    const button = alice.button("Options of this conversation");
    await button.focus();
    await page.keyboard.press("Enter");
    const pin = page.getByRole("switch", { name: "Pin to the top" });
    await pin.waitFor();
    assertEquals(await overflows(alice), []);
    assertEquals(await accessibilityViolations(page), []);

    await chat.kill();
    await pin.press("Enter");

    await page.getByRole("alert").getByText("Couldn’t save this").waitFor();
    await assertSoon(() => pin.getAttribute("aria-checked"), "false");
    await page.keyboard.press("Escape");
    await assertSoon(() => button.evaluate((it) => it === document.activeElement), true);
    assertEquals(await button.getAttribute("aria-expanded"), "false");
  }),
);

Deno.test(
  "[U155] a search finds conversations in any script, whatever the case and the accents, with the keyboard alone",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const alice = await chat.signIn("alice");
    for (const name of ["Zoë", "Κώστας", "北京 旅行"]) {
      const person = await remote.signIn(name);
      await person.say(`direct:${await alice.publicToken()}`, "hello");
      await alice.conversation(name).waitFor();
    }
    const field = searchOf(alice);
    const found = async () => (await sections(alice)).flatMap(([, titles]) => titles);

    await field.fill("ZOE");
    await assertSoon(found, ["Zoë"]);
    await field.fill("κωσ");
    await assertSoon(found, ["Κώστας"]);
    await field.fill("旅行 北");
    await assertSoon(found, ["北京 旅行"]);
    await field.press("ArrowDown");
    await alice.page.keyboard.press("Enter");
    await alice.sees("hello");
    assertEquals(await accessibilityViolations(alice.page), []);
    await field.press("Escape");

    assertEquals(await field.inputValue(), "");
    await assertSoon(async () => (await found()).length, 5);
  }),
);

Deno.test(
  "[U155] a search without a match says so",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");

    await searchOf(alice).fill("nobody");

    await alice.page.getByText("No conversation has this name.").waitFor();
    assertEquals(await alice.page.locator(".conversation-item").count(), 0);
  }),
);

Deno.test(
  "[U156] many people are sorted by their names, numbers by their values, and can be searched",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const readers = Array.from({ length: 13 }, (_, n) => `reader ${n + 1}`);
    for (const name of readers) await (await remote.signIn(name)).poll({ channels: ["room:tea"] });
    const alice = await chat.signIn("alice");
    await alice.joinRoom("tea");
    await assertSoon(() => alice.people(), ["alice", ...readers]);
    const field = alice.page.getByRole("searchbox", { name: "Search people" });

    await field.fill("READER 12");
    await assertSoon(() => alice.people(), ["reader 12"]);
    await field.fill("bob");
    await alice.page.getByText("Nobody here has this name.").waitFor();
    await field.fill("13");
    await assertSoon(() => alice.people(), ["reader 13"]);
    await field.press("ArrowDown");
    await alice.page.keyboard.press("Enter");

    await alice.page.getByRole("heading", { name: "reader 13" }).waitFor();
  }),
);
