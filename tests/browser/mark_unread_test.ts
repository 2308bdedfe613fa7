import { assert, assertEquals } from "@std/assert";
import { RemoteChat } from "../support/remote_chat.ts";
import { assertSoon } from "./assert_soon.ts";
import { withChat } from "./browser_chat.ts";
import type { ChatPage } from "./chat_page.ts";
import { overflows } from "./overflows.ts";

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
  "[U390] [U391] [U243] a menu marks one conversation as read or unread on all devices, also offline; writing there takes the mark away",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    const alice = await chat.signIn("alice");
    for (const room of ["tea", "milk"]) await alice.joinRoom(room);
    await alice.select("tea");
    for (const text of ["one", "two"]) await bob.say("room:tea", text);
    await alice.sees("one", "two");
    await alice.select("milk");
    const device = await chat.visit();
    const session = await alice.page.evaluate(() => localStorage.getItem("halley.session"));
    await device.page.evaluate((value) => localStorage.setItem("halley.session", value!), session);
    await device.page.reload();
    const unread = async () => [await alice.unread("tea"), await device.unread("tea")];
    const choose = async (what: string) => {
      await alice.conversation("tea").click({ button: "right" });
      await alice.dialog.getByRole("button", { name: what, exact: true }).click();
    };
    await device.isConnected();

    await choose("Mark unread");
    await assertSoon(unread, ["1 unread", "1 unread"]);
    await choose("Mark as read");
    await assertSoon(unread, ["", ""]);
    chat.errors.expect("network");
    await alice.page.context().setOffline(true);
    await choose("Mark unread");
    await assertSoon(unread, ["1 unread", ""]);
    await alice.page.context().setOffline(false);
    await assertSoon(unread, ["1 unread", "1 unread"]);
    await device.select("tea");
    await assertSoon(unread, ["", ""]);

    await device.openOptions();
    await device.button("Mark unread").click();
    await assertSoon(unread, ["1 unread", "1 unread"]);
    assertEquals(await lines(device), ["one", "New messages", "two"]);
    await device.say("three");
    await assertSoon(unread, ["", ""]);
    assertEquals(await lines(device), ["one", "two", "three"]);
    await device.page.setViewportSize({ width: 320, height: 568 });
    for (const [text, count] of [["three", "1 unread"], ["one", "2 unread"]] as const) {
      await device.log.locator(".text").getByText(text).hover();
      const bar = device.log.locator(".message-actions");
      await bar.waitFor();
      assertEquals(await overflows(device), [], text);
      const box = (await bar.boundingBox())!;
      assert(box.x >= 0 && box.x + box.width <= 320, text);
      await device.button("Mark unread").click();
      await assertSoon(() => alice.unread("tea"), count);
    }
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
    await assertSoon(() => alice.composer.evaluate((field) => field.matches(":focus")), false);
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
