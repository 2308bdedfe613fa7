import { assert, assertEquals } from "@std/assert";
import type { Locator } from "playwright-core";
import { RemoteChat } from "../support/remote_chat.ts";
import { accessibilityViolations } from "./accessibility.ts";
import { assertSoon } from "./assert_soon.ts";
import { type BrowserChat, withChat } from "./browser_chat.ts";
import type { ChatPage } from "./chat_page.ts";

const LOBBY = "room:lobby";

/** The messages with this text. */
function messageOf({ log }: ChatPage, text: string) {
  return log.locator(".message").filter({ hasText: text });
}

/** The field for an edit. */
function editField({ page }: ChatPage) {
  return page.getByRole("textbox", { name: "Edit message" });
}

function isFocused({ composer }: ChatPage): Promise<boolean> {
  return composer.evaluate((field) => field === document.activeElement);
}

function header({ page }: ChatPage): Promise<string | null> {
  return page.locator(".conversation-header h2 > :first-child").textContent();
}

/** Lets bob say something in the lobby, without reading it. */
async function sayAsBob(
  chat: BrowserChat,
  texts: readonly string[],
  name = "bob",
): Promise<void> {
  using remote = new RemoteChat(chat.url);
  const bob = await remote.signIn(name);
  for (const text of texts) await bob.say(LOBBY, text);
}

Deno.test(
  "[U220] the reactions that the first and the last message of 50 offer are whole",
  withChat(async (chat) => {
    await sayAsBob(chat, Array.from({ length: 60 }, (_, n) => `line ${n}.`));
    const alice = await chat.signIn("alice");
    for (const text of ["line 49.", "line 50.", "line 59."]) {
      await messageOf(alice, text).hover();
      await messageOf(alice, text).getByRole("button", { name: "React" }).click();
      const offered = alice.page.getByRole("group", { name: "React" });
      await offered.waitFor();

      const isWhole = await offered.evaluate((choice) => {
        const { left, right, top, bottom } = choice.getBoundingClientRect();
        return [[left + 4, top + 4], [right - 4, top + 4], [left + 4, bottom - 4]].every((
          [x = 0, y = 0],
        ) => choice.contains(document.elementFromPoint(x, y)));
      });
      assert(isWhole, text);
      await alice.page.keyboard.press("Escape");
    }
  }),
);

Deno.test(
  "[U221] an edit begins behind the text, hides the other actions of the message, and fits in its column",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice", { viewport: { width: 1100, height: 700 } });
    await alice.say("tea");
    const message = messageOf(alice, "tea");
    await message.hover();
    await message.getByRole("button", { name: "Edit" }).click();
    await editField(alice).waitFor();
    await assertSoon(() => alice.log.locator(".message-actions:visible").count(), 0);
    const end = (locator: Locator) =>
      locator.evaluate((element) => element.getBoundingClientRect().right);
    assert(await end(alice.log.locator(".edit")) <= await end(alice.log.locator(".message")));

    await alice.page.keyboard.type(" and milk");
    await alice.page.keyboard.press("Enter");

    await alice.sees("tea and milk");
  }),
);

Deno.test(
  "[U223] the name of an author who has left leads to the direct conversation, and so does Ctrl+K",
  withChat(async (chat) => {
    await sayAsBob(chat, ["hello"]);
    await sayAsBob(chat, ["hello all"], "carol");
    const alice = await chat.signIn("alice");
    await alice.say("hi");
    await alice.sees("hello", "hello all", "hi");
    assertEquals(await alice.log.locator(".author").allTextContents(), ["bob", "carol"]);
    assertEquals(await accessibilityViolations(alice.page), []);

    await alice.log.locator(".author").first().click();
    await assertSoon(() => header(alice), "bob");
    await alice.select("Lobby");
    await messageOf(alice, "hello all").focus();
    await alice.page.keyboard.press("Control+k");
    await alice.page.getByRole("dialog").waitFor();
    await alice.page.keyboard.type("carol");
    await alice.page.getByRole("option", { name: "carol New conversation" }).waitFor();
    await alice.page.keyboard.press("Enter");
    await assertSoon(() => header(alice), "carol");

    await alice.say("hello bob");
    await alice.sees("hello bob");
    assertEquals(await alice.log.locator(".author").count(), 0);
  }),
);

Deno.test(
  "[U223] on touch screens the sheet of a message leads to the conversation with its author",
  withChat(async (chat) => {
    await sayAsBob(chat, ["hello"]);
    const viewport = { width: 390, height: 760 };
    const alice = await chat.signIn("alice", { viewport, hasTouch: true, isMobile: true });
    await alice.select("Lobby");
    await alice.sees("hello");
    const { x, y } = (await messageOf(alice, "hello").locator(".text").boundingBox())!;
    const session = await alice.page.context().newCDPSession(alice.page);
    const touch = (type: "touchStart" | "touchEnd", touchPoints: { x: number; y: number }[]) =>
      session.send("Input.dispatchTouchEvent", { type, touchPoints });
    await touch("touchStart", [{ x: x + 5, y: y + 5 }]);
    const direct = alice.dialog.getByRole("button", { name: "Message bob" });
    await direct.waitFor();
    await touch("touchEnd", []);

    await direct.tap();

    await assertSoon(() => header(alice), "bob");
  }),
);

Deno.test(
  "[U224] the arrow key up in an empty composer edits the newest own message, and returns to the composer",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    const { keyboard } = alice.page;
    await keyboard.press("ArrowUp");
    assertEquals(await editField(alice).count(), 0);
    for (const text of ["tea", "milk"]) await alice.say(text);
    await assertSoon(() => alice.delivery("milk"), "Sent");
    await sayAsBob(chat, ["hello"]);
    await alice.sees("tea", "milk", "hello");
    await alice.composer.fill("a draft");
    await keyboard.press("ArrowUp");
    assertEquals(await editField(alice).count(), 0);
    await alice.composer.fill("");

    await keyboard.press("ArrowUp");
    await keyboard.type(" and sugar");
    await keyboard.press("Enter");

    await alice.sees("tea", "milk and sugar", "hello");
    await assertSoon(() => isFocused(alice), true);
    await keyboard.press("ArrowUp");
    await keyboard.press("Escape");
    await assertSoon(() => isFocused(alice), true);
  }),
);

Deno.test(
  "[U225] keys format the selection, and take the format away; the browser undoes it",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    const { composer, page: { keyboard } } = alice;
    await keyboard.type("tea is green ");
    await keyboard.press("Control+a");
    await keyboard.press("Control+b");
    assertEquals(await composer.inputValue(), "**tea is green** ");
    await keyboard.press("Control+b");
    assertEquals(await composer.inputValue(), "tea is green ");
    await keyboard.press("Control+i");
    assertEquals(await composer.inputValue(), "_tea is green_ ");
    await keyboard.press("Control+z");
    assertEquals(await composer.inputValue(), "tea is green ");
    await keyboard.press("End");
    await keyboard.press("Control+Shift+x");
    await keyboard.type("red");
    await keyboard.press("Enter");

    await alice.sees("tea is green red");
    assertEquals(await alice.log.locator(".text del").textContent(), "red");
  }),
);
