import { assertEquals } from "@std/assert";
import { RemoteChat, type RemoteUser } from "../support/remote_chat.ts";
import { assertSoon } from "./assert_soon.ts";
import { withChat } from "./browser_chat.ts";
import type { ChatPage } from "./chat_page.ts";

/** The distance in px of the message with this text from the top of the list. */
function topOf(text: string, { log }: ChatPage): Promise<number> {
  return log.evaluate((list, text) => {
    const shown = [...list.querySelectorAll(".text")].find((one) => one.textContent === text);
    const top = shown?.getBoundingClientRect().top ?? NaN;
    return Math.round(top - list.getBoundingClientRect().top);
  }, text);
}

function isVisible(text: string, { log }: ChatPage): Promise<boolean> {
  return log.evaluate((list, text) => {
    const shown = [...list.querySelectorAll(".text")].find((one) => one.textContent === text);
    const { top = NaN, bottom = NaN } = shown?.getBoundingClientRect() ?? {};
    const frame = list.getBoundingClientRect();
    return top >= frame.top && bottom <= frame.bottom;
  }, text);
}

function scrollTo(top: number, { log }: ChatPage): Promise<void> {
  return log.evaluate((list, top) => void (list.scrollTop = top), top);
}

/** Sends texts to a room: `text 1`, `text 2`, … */
async function sayAll(user: RemoteUser, room: string, from: number, to: number): Promise<void> {
  for (let n = from; n <= to; n++) await user.say(room, `text ${n}`);
}

Deno.test(
  "[U162] a conversation that is selected again is where the user has left it, also after new messages",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    const alice = await chat.signIn("alice");
    await alice.joinRoom("tea");
    await sayAll(bob, "room:tea", 1, 60);
    await alice.log.getByText("text 60", { exact: true }).waitFor();
    await scrollTo(300, alice);
    await alice.button("Jump to latest").waitFor();
    const place = await topOf("text 20", alice);

    await alice.select("Lobby");
    await alice.log.getByText("text 20", { exact: true }).waitFor({ state: "detached" });
    await sayAll(bob, "room:tea", 61, 62);
    await assertSoon(() => alice.unread("tea"), "2 unread");
    await alice.select("tea");

    await alice.button("2 new messages").waitFor();
    assertEquals(await topOf("text 20", alice), place);
  }),
);

Deno.test(
  "[U162] a conversation that was left at its end is at its end again",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    const alice = await chat.signIn("alice");
    await alice.joinRoom("tea");
    await sayAll(bob, "room:tea", 1, 60);
    await alice.log.getByText("text 60", { exact: true }).waitFor();

    await alice.select("Lobby");
    await alice.log.getByText("text 60", { exact: true }).waitFor({ state: "detached" });
    await alice.select("tea");

    await assertSoon(() => isVisible("text 60", alice), true);
    assertEquals(await alice.button("Jump to latest").count(), 0);
  }),
);

Deno.test(
  "[U163] the button with the number of new messages leads to the first of them, and then to the end",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    const alice = await chat.signIn("alice");
    await sayAll(bob, "room:lobby", 1, 60);
    await alice.log.getByText("text 60", { exact: true }).waitFor();
    await scrollTo(300, alice);
    await alice.button("Jump to latest").waitFor();
    await sayAll(bob, "room:lobby", 61, 99);

    await alice.button("39 new messages").click();

    await assertSoon(() => isVisible("text 61", alice), true);
    assertEquals(await isVisible("text 99", alice), false);
    await assertSoon(() => alice.log.getByText("New messages", { exact: true }).count(), 1);
    await alice.page.locator(".jump-to-latest").click();
    await assertSoon(() => isVisible("text 99", alice), true);
    await assertSoon(() => alice.page.locator(".jump-to-latest").count(), 0);
  }),
);

Deno.test(
  "[U409] the button with the number of new messages leads to those that are for this person, before the end",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    const alice = await chat.signIn("alice");
    const mentions = [await alice.publicToken()];
    const button = alice.page.locator(".jump-to-latest");
    const mention = (text: string) => bob.send({ channel: "room:lobby", text, mentions });
    await sayAll(bob, "room:lobby", 1, 60);
    await alice.log.getByText("text 60", { exact: true }).waitFor();
    await scrollTo(300, alice);
    await button.waitFor();
    await sayAll(bob, "room:lobby", 61, 99);
    await mention("@alice one");
    await sayAll(bob, "room:lobby", 101, 139);
    await mention("@alice two");
    await sayAll(bob, "room:lobby", 141, 180);

    for (const text of ["text 61", "@alice one", "@alice two", "text 180"]) {
      await button.click();
      await assertSoon(() => isVisible(text, alice), true);
    }

    await assertSoon(() => button.count(), 0);
  }),
);
