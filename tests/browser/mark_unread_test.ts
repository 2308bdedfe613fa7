import { assertEquals } from "@std/assert";
import { RemoteChat } from "../support/remote_chat.ts";
import { assertSoon } from "./assert_soon.ts";
import { withChat } from "./browser_chat.ts";
import type { ChatPage } from "./chat_page.ts";

/** The texts, and the line above the new ones. */
function lines({ log }: ChatPage): Promise<string[]> {
  return log.locator(".new-line, .text").allTextContents();
}

Deno.test(
  "[U243] what is marked as unread is unread in all tabs until it is selected again, below the line",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    const alice = await chat.signIn("alice");
    await alice.joinRoom("tea");
    await alice.sees();
    for (const text of ["one", "two", "three"]) await bob.say("room:tea", text);
    await alice.sees("one", "two", "three");
    const second = await alice.secondWindow();
    await second.select("Lobby");

    await alice.log.locator(".text").getByText("two").hover();
    await alice.button("Mark unread").click();

    await assertSoon(() => lines(alice), ["one", "New messages", "two", "three"]);
    await assertSoon(() => alice.unread("tea"), "2 unread");
    await assertSoon(() => second.unread("tea"), "2 unread");
    await alice.select("Lobby");
    await alice.page.reload();
    await alice.isConnected();
    await assertSoon(() => alice.unread("tea"), "2 unread");
    await alice.select("tea");
    await assertSoon(() => lines(alice), ["one", "New messages", "two", "three"]);
    await assertSoon(() => alice.unread("tea"), "");
    await assertSoon(() => second.unread("tea"), "");
  }),
);

Deno.test(
  "[U244] Shift+Escape and a button mark all conversations as read, and leave what is being written",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    const alice = await chat.signIn("alice");
    await bob.say("room:lobby", "hello");
    await alice.sees("hello");
    for (const room of ["tea", "milk"]) await alice.joinRoom(room);
    await alice.select("Lobby");
    await alice.composer.press("Escape");
    await alice.page.keyboard.press("r");
    await alice.page.locator(".reply-draft").waitFor();
    await alice.composer.fill("draft");
    const unread = async () => [await alice.unread("tea"), await alice.unread("milk")];
    const fill = async () => {
      for (const room of ["room:tea", "room:milk"]) await bob.say(room, "news");
      await assertSoon(unread, ["1 unread", "1 unread"]);
    };

    await fill();
    await alice.composer.press("Shift+Escape");
    await assertSoon(unread, ["", ""]);
    await fill();
    await alice.button("Mark all as read").click();

    await assertSoon(unread, ["", ""]);
    assertEquals(await alice.composer.inputValue(), "draft");
    assertEquals(await alice.page.locator(".reply-draft").count(), 1);
    await alice.page.reload();
    await alice.isConnected();
    await assertSoon(unread, ["", ""]);
  }),
);
