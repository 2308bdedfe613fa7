import { assertEquals } from "@std/assert";
import { RemoteChat } from "../support/remote_chat.ts";
import { accessibilityViolations } from "./accessibility.ts";
import { assertSoon } from "./assert_soon.ts";
import { withChat } from "./browser_chat.ts";
import type { ChatPage } from "./chat_page.ts";
import { overflows } from "./overflows.ts";

function options({ page }: ChatPage): Promise<string[]> {
  return page.getByRole("option").locator(".title > :first-child").allTextContents();
}

/** The title of the selected conversation. */
function selected({ page }: ChatPage): Promise<string | null> {
  return page.locator(".conversation-header h2 > :first-child").textContent();
}

function isFocused({ composer }: ChatPage): Promise<boolean> {
  return composer.evaluate((field) => field === document.activeElement);
}

/** Takes the focus from the composer, as a click between the messages does. */
async function blur({ page }: ChatPage): Promise<void> {
  await page.evaluate(() =>
    document.activeElement instanceof HTMLElement && document.activeElement.blur()
  );
}

Deno.test(
  "[U157] Ctrl+K leads to the conversations that were selected last, and to others by words of their names",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    const { keyboard } = alice.page;
    for (const room of ["green-tea", "milk", "tea"]) await alice.joinRoom(room);

    await keyboard.press("Control+k");
    await assertSoon(() => options(alice), ["milk", "green-tea", "Lobby", "Notices", "tea"]);
    assertEquals(await accessibilityViolations(alice.page), []);
    await keyboard.press("Enter");
    await assertSoon(() => selected(alice), "milk");
    await assertSoon(() => isFocused(alice), true);
    await keyboard.press("Control+k");
    await keyboard.type("TEA");
    await assertSoon(() => options(alice), ["tea", "green-tea", "Search messages for “TEA”"]);
    await keyboard.press("ArrowDown");
    await keyboard.press("Enter");
    await assertSoon(() => selected(alice), "green-tea");
    await keyboard.press("Control+k");
    await alice.page.getByRole("dialog").waitFor();
    await keyboard.press("Escape");

    await alice.page.getByRole("dialog").waitFor({ state: "detached" });
    await assertSoon(() => isFocused(alice), true);
    assertEquals(await selected(alice), "green-tea");
  }),
);

Deno.test(
  "[U157] Ctrl+K leads to people and active rooms, and joins a room after them",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const [bob, bobby] = [await remote.signIn("bob"), await remote.signIn("Bobby")];
    await bob.poll({ channels: ["room:lobby"] });
    await bobby.poll({ channels: ["room:lobby", "room:bobsled"] });
    const alice = await chat.signIn("alice");
    const { keyboard } = alice.page;

    await keyboard.press("Control+k");
    await keyboard.type("bob");
    const found = ["bob", "Bobby", "bobsled", "Join #bob", "Search messages for “bob”"];
    await assertSoon(() => options(alice), found);
    await keyboard.press("ArrowUp");
    await keyboard.press("ArrowUp");
    await keyboard.press("Enter");
    await assertSoon(() => selected(alice), "bob");
    assertEquals(new URL(alice.page.url()).hash, "#room:bob");
    await keyboard.press("Control+k");
    await keyboard.type("bobby");
    await keyboard.press("Enter");

    await assertSoon(() => selected(alice), "Bobby");
  }),
);

Deno.test(
  "[U157] the switcher works by touch on 320 pixels, and the search takes its place if it cannot be loaded",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice", { viewport: { width: 320, height: 568 } });
    await alice.joinRoom("a-room-with-quite-a-long-name-for-a-phone");
    await alice.page.keyboard.press("Control+k");
    await alice.page.getByRole("option").first().waitFor();
    assertEquals(await overflows(alice), []);
    await alice.page.getByRole("option").filter({ hasText: "Notices" }).click();
    await assertSoon(() => selected(alice), "Notices");

    const bob = await chat.signIn("bob");
    chat.errors.expect("network");
    await bob.page.route("**/built/page-finding.*", (route) => route.abort());
    await bob.page.keyboard.press("Control+k");

    const field = bob.page.getByRole("searchbox", { name: "Search", exact: true });
    await assertSoon(() => field.evaluate((it) => it === document.activeElement), true);
  }),
);

Deno.test(
  "[U158] Alt with arrow keys goes to the next and the previous conversation, with Shift to the unread ones",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const alice = await chat.signIn("alice");
    const bob = await remote.signIn("bob");
    const { keyboard } = alice.page;
    for (const room of ["milk", "tea"]) {
      await alice.joinRoom(room);
      await alice.say(`in ${room}`);
    }
    await assertSoon(() => alice.delivery("in tea"), "Sent");

    await keyboard.press("Alt+ArrowDown");
    await assertSoon(() => selected(alice), "milk");
    await keyboard.press("Alt+ArrowUp");
    await assertSoon(() => selected(alice), "tea");
    await keyboard.press("Alt+ArrowUp");
    await assertSoon(() => selected(alice), "Notices");
    await bob.say("room:milk", "hello");
    await assertSoon(() => alice.unread("milk"), "1 unread");
    await keyboard.press("Alt+Shift+ArrowDown");
    await assertSoon(() => selected(alice), "milk");
    await alice.sees("in milk", "hello");
    await assertSoon(() => alice.unread("milk"), "");
    await keyboard.press("Alt+Shift+ArrowDown");

    assertEquals(await selected(alice), "milk");
  }),
);

Deno.test(
  "[U159] what is typed outside of fields goes to the composer, but not into dialogs or with modifier keys",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    const { keyboard } = alice.page;
    await blur(alice);

    await keyboard.press("Control+b");
    await keyboard.press("ArrowLeft");
    assertEquals(await isFocused(alice), false);
    await keyboard.type("hello 你");
    assertEquals(await alice.composer.inputValue(), "hello 你");
    await alice.openSettings();
    await keyboard.type("x");
    await keyboard.press("Escape");
    const room = alice.page.getByRole("textbox", { name: "Room name" });
    await room.focus();
    await keyboard.type("tea");

    assertEquals([await room.inputValue(), await alice.composer.inputValue()], ["tea", "hello 你"]);
  }),
);

Deno.test(
  "[U160] R replies to the message that has the focus, or to the newest one of others",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const alice = await chat.signIn("alice");
    const bob = await remote.signIn("bob");
    await bob.say("room:lobby", "one");
    await bob.say("room:lobby", "two");
    await alice.say("mine");
    await alice.sees("one", "two", "mine");
    await assertSoon(() => alice.delivery("mine"), "Sent");
    const answered = alice.page.locator(".reply-draft .quotation > span");

    await blur(alice);
    await alice.page.keyboard.press("r");
    await assertSoon(() => answered.textContent(), "two");
    assertEquals([await isFocused(alice), await alice.composer.inputValue()], [true, ""]);
    await alice.log.getByRole("article").filter({ hasText: "one" }).last().focus();
    await alice.page.keyboard.press("r");

    await assertSoon(() => answered.textContent(), "one");
  }),
);

Deno.test(
  "[U161] the question mark and the settings list the keys; those of one letter can be turned off",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    const { keyboard } = alice.page;
    const dialog = alice.page.getByRole("dialog", { name: "Keyboard shortcuts" });
    await blur(alice);

    await keyboard.press("?");
    await dialog.getByText("Go to a conversation, a person or a room").waitFor();
    assertEquals(await accessibilityViolations(alice.page), []);
    await dialog.getByRole("switch").click();
    await keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await blur(alice);
    await keyboard.press("?");
    assertEquals(await alice.composer.inputValue(), "?");
    await alice.openSettings();
    await alice.button("Keyboard shortcuts").click();

    await dialog.waitFor();
    assertEquals(await dialog.getByRole("switch").getAttribute("aria-checked"), "false");
  }),
);
