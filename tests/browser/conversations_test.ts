import { assertEquals } from "@std/assert";
import type { BrowserContextOptions } from "playwright-core";
import { RemoteChat } from "../support/remote_chat.ts";
import { type BrowserChat, withChat } from "./browser_chat.ts";
import type { ChatPage } from "./chat_page.ts";
import { assertSoon } from "./assert_soon.ts";

/** Opens the same session on another device. */
async function openOtherDevice(
  chat: BrowserChat,
  person: ChatPage,
  options: BrowserContextOptions = {},
): Promise<ChatPage> {
  const session = await person.page.evaluate(() => localStorage.getItem("halley.session") ?? "");
  const other = await chat.visit(options);
  await other.page.evaluate((session) => localStorage.setItem("halley.session", session), session);
  await other.page.reload();
  await other.isConnected();
  return other;
}

function titles({ page }: ChatPage): Promise<string[]> {
  return page.locator(".conversation-item .title").allTextContents();
}

Deno.test(
  "[U23] another device has the same conversations with the same unread counts",
  withChat(async (chat) => {
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    await alice.joinRoom("tea");
    await bob.joinRoom("tea");
    await bob.say("read");
    await alice.sees("read");
    await alice.select("Lobby");
    await bob.say("not read");
    await bob.openDirect("alice");
    await bob.say("psst");
    await assertSoon(() => alice.unread("tea"), "1 unread");

    const phone = await openOtherDevice(chat, alice);

    await assertSoon(() => titles(phone), ["bob", "tea", "Lobby", "Notices"]);
    await assertSoon(() => phone.unread("tea"), "1 unread");
    await assertSoon(() => phone.unread("bob"), "1 unread");
    await phone.select("tea");
    await phone.sees("read", "not read");
    await assertSoon(() => alice.unread("tea"), "");
    await assertSoon(() => alice.unread("bob"), "1 unread");
  }),
);

Deno.test(
  "[U23] opening and closing a conversation on one device does so on the other",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    const phone = await openOtherDevice(chat, alice);

    await alice.joinRoom("tea");
    await phone.conversation("tea").waitFor();
    await phone.select("tea");
    await phone.leave();

    await alice.conversation("tea").waitFor({ state: "detached" });
    await assertSoon(() => titles(alice), ["Lobby", "Notices"]);
    await assertSoon(() => titles(phone), ["Lobby", "Notices"]);
  }),
);

Deno.test(
  "[U25] conversations are sorted by their newest messages",
  withChat(async (chat) => {
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    await alice.joinRoom("tea");
    await alice.say("one");
    await bob.openDirect("alice");
    await bob.say("two");
    await assertSoon(() => titles(alice), ["bob", "tea", "Lobby", "Notices"]);

    await bob.select("Lobby");
    await bob.say("three");

    await assertSoon(() => titles(alice), ["Lobby", "bob", "tea", "Notices"]);
  }),
);

Deno.test(
  "[U26] active rooms are suggested with the number of people in them",
  withChat(async (chat) => {
    const [bob, carol] = [await chat.signIn("bob"), await chat.signIn("carol")];
    await bob.joinRoom("tea");
    await carol.joinRoom("tea");
    await bob.joinRoom("milk");
    const alice = await chat.signIn("alice");

    const field = alice.page.getByRole("textbox", { name: "Room name" });
    const rooms = alice.page.getByRole("list", { name: "Active rooms" }).getByRole("button");
    // The server caches the list for two seconds: refresh it until it is new.
    const offered = async () => {
      await field.blur();
      await field.focus();
      await rooms.first().waitFor({ timeout: 1_000 }).catch(() => {});
      return await rooms.allTextContents();
    };
    await assertSoon(offered, ["# tea2 people", "# milk1 person"]);
    await rooms.first().click();
    await carol.say("welcome");
    await alice.sees("welcome");
  }),
);

Deno.test(
  "[U27] the URL names the conversation, so that reloads, links and the back button lead there",
  withChat(async (chat) => {
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    const hash = () => Promise.resolve(new URL(alice.page.url()).hash);
    await assertSoon(hash, "#room:lobby");

    await alice.joinRoom("tea");
    await assertSoon(hash, "#room:tea");
    await alice.select("Lobby");
    await alice.openDirect("bob");
    await assertSoon(hash, `#direct:${await bob.publicToken()}`);
    await alice.page.reload();
    await alice.page.getByRole("heading", { name: "bob" }).waitFor();
    await alice.page.goBack();
    await alice.page.getByRole("heading", { name: "Lobby" }).waitFor();
    await alice.page.goBack();

    await alice.page.getByRole("heading", { name: "tea" }).waitFor();
    await bob.page.goto(`${chat.url}/#room:${encodeURIComponent("茶")}`);
    await bob.page.reload();
    await bob.page.getByRole("heading", { name: "茶" }).waitFor();
    await bob.page.goto(`${chat.url}/#direct:${await alice.publicToken()}`);
    await bob.page.getByRole("heading", { name: "alice" }).waitFor();
  }),
);

Deno.test(
  "[U27] on a narrow screen the back button leads from the conversation to the list",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice", { viewport: { width: 360, height: 640 } });
    const list = alice.page.getByRole("navigation", { name: "Conversations" });

    await alice.select("Lobby");
    await alice.composer.waitFor();
    await assertSoon(() => list.isVisible(), false);
    await alice.page.goBack();
    await list.waitFor();
    await alice.select("Lobby");
    await alice.button("Back to conversations").click();
    await list.waitFor();
    await alice.select("Notices");
    await alice.page.goBack();

    await list.waitFor();
    assertEquals(new URL(alice.page.url()).hash, "");
  }),
);

Deno.test(
  "[U28] the sender sees when a direct message was delivered and read",
  withChat(async (chat) => {
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    await alice.openDirect("bob");

    await alice.say("psst");
    await assertSoon(() => alice.delivery("psst"), "Delivered");
    await bob.select("alice");
    await bob.sees("psst");
    await assertSoon(() => alice.delivery("psst"), "Read");
    await alice.say("and on");

    await assertSoon(() => alice.delivery("and on"), "Read");
    await alice.page.reload();
    await assertSoon(() => alice.delivery("psst"), "Read");
    await alice.select("Lobby");
    await alice.say("hello");
    await assertSoon(() => alice.delivery("hello"), "Sent");
  }),
);

Deno.test(
  "[U29] on a phone a conversation shows the number of unread messages in the others",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice", { viewport: { width: 360, height: 640 } });
    await alice.select("Lobby");
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");

    await bob.say(`direct:${await alice.publicToken()}`, "psst");
    await bob.say(`direct:${await alice.publicToken()}`, "psst!");

    await alice.button("Back to conversations, 2 unread").waitFor();
  }),
);
