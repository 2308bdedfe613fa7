import { assertEquals } from "@std/assert";
import { RemoteChat } from "../support/remote_chat.ts";
import { accessibilityViolations } from "./accessibility.ts";
import { assertSoon } from "./assert_soon.ts";
import { type BrowserChat, withChat } from "./browser_chat.ts";
import type { ChatPage } from "./chat_page.ts";

/** The heading of a section of the list. */
function heading({ page }: ChatPage, title: string) {
  return page.getByRole("navigation", { name: "Conversations" })
    .getByRole("button", { name: new RegExp(`^${title} `) });
}

/** The titles of the conversations that the list shows. */
function titles({ page }: ChatPage): Promise<string[]> {
  return page.locator(".conversation-item .title > :first-child").allTextContents();
}

/** Alice reads the lobby, and has a direct message of bob and the room tea, both read. */
async function openSections(chat: BrowserChat, remote: RemoteChat) {
  const [alice, bob] = [await chat.signIn("alice"), await remote.signIn("bob")];
  await alice.joinRoom("tea");
  await alice.say("tea time");
  await bob.say(`direct:${await alice.publicToken()}`, "hello");
  await alice.select("bob");
  await alice.sees("hello");
  await alice.select("Lobby");
  await assertSoon(() => titles(alice), ["bob", "tea", "Lobby", "Notices"]);
  return { alice, bob };
}

Deno.test(
  "[U205] a section of the list folds, in all tabs and after a reload",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const { alice } = await openSections(chat, remote);
    const second = await alice.secondWindow();

    await heading(alice, "Rooms").click();

    await assertSoon(() => titles(alice), ["bob"]);
    await assertSoon(() => titles(second), ["bob"]);
    assertEquals(await heading(alice, "Rooms").getAttribute("aria-expanded"), "false");
    await alice.page.reload();
    await heading(alice, "Rooms").waitFor();
    assertEquals(await titles(alice), ["bob"]);
    await heading(alice, "Rooms").click();
    await assertSoon(() => titles(second), ["bob", "tea", "Lobby", "Notices"]);
    assertEquals(await heading(alice, "Rooms").getAttribute("aria-expanded"), "true");
  }),
);

Deno.test(
  "[U206] a folded section shows how many messages are unread in it",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const { alice, bob } = await openSections(chat, remote);
    await heading(alice, "Direct messages").click();
    const carol = await remote.signIn("carol");
    const self = await alice.publicToken();

    await bob.say(`direct:${self}`, "one");
    await bob.say(`direct:${self}`, "two");
    await carol.say(`direct:${self}`, "three");
    await heading(alice, "Unread").click();

    const unread = heading(alice, "Unread").locator(".unread .visually-hidden");
    await assertSoon(() => unread.allTextContents(), ["3 unread"]);
    await assertSoon(() => titles(alice), ["tea", "Lobby", "Notices"]);
    await heading(alice, "Unread").click();
    assertEquals(await unread.count(), 0);
  }),
);

Deno.test(
  "[U205] what a search finds is shown, also of a folded section",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const { alice } = await openSections(chat, remote);
    await heading(alice, "Rooms").click();
    await assertSoon(() => titles(alice), ["bob"]);

    await alice.page.getByRole("searchbox", { name: "Search", exact: true }).fill("tea");

    await assertSoon(() => titles(alice), ["tea"]);
  }),
);

Deno.test(
  "[U207] sections fold with the keyboard alone: their headings and conversations are one stop of Tab",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const { alice } = await openSections(chat, remote);
    const { keyboard } = alice.page;
    const focused = () =>
      alice.page.evaluate(() =>
        (document.activeElement?.querySelector(".title > :first-child") ?? document.activeElement)
          ?.textContent?.trim()
      );
    await alice.page.getByRole("searchbox", { name: "Search", exact: true }).focus();
    await keyboard.press("Tab");
    assertEquals(await focused(), "Lobby");
    await keyboard.press("ArrowUp");
    await keyboard.press("ArrowUp");
    assertEquals(await focused(), "Rooms 3");

    await keyboard.press("Enter");
    await assertSoon(() => titles(alice), ["bob"]);
    await keyboard.press("ArrowUp");
    assertEquals(await focused(), "bob");
    await keyboard.press("ArrowDown");
    assertEquals(await focused(), "Rooms 3");

    await alice.page.reload();
    await heading(alice, "Rooms").waitFor();
    // The selected conversation is in it.
    await alice.page.getByRole("searchbox", { name: "Search", exact: true }).focus();
    await keyboard.press("Tab");
    assertEquals(await focused(), "Rooms 3");
    await keyboard.press("Space");
    await assertSoon(() => titles(alice), ["bob", "tea", "Lobby", "Notices"]);
    for (const colorScheme of ["light", "dark"] as const) {
      await alice.page.emulateMedia({ colorScheme });
      await assertSoon(() => accessibilityViolations(alice.page), []);
    }
  }),
);
