import type { Locator } from "playwright-core";
import { assertEquals } from "@std/assert";
import { withChat } from "./browser_chat.ts";
import { assertSoon } from "./assert_soon.ts";
import { withShop } from "./shop.ts";
import { RemoteChat } from "../support/remote_chat.ts";
import { WidgetPage } from "./widget_page.ts";

const PHONE = { viewport: { width: 390, height: 760 }, isMobile: true, hasTouch: true } as const;

/** Moves the focus to an element by Tab or Shift+Tab. */
async function tabTo(target: Locator, key: "Tab" | "Shift+Tab"): Promise<void> {
  for (let step = 0; step < 30; step++) {
    if (
      await target.evaluate((element) => element === document.activeElement)
    ) return;
    await target.page().keyboard.press(key);
  }
  throw new Error(`${key} does not reach ${target}`);
}

Deno.test(
  "[U17] signing in, writing and switching conversations work with the keyboard alone",
  withChat(async (chat) => {
    const bob = await chat.signIn("bob");
    await bob.joinRoom("tea");
    const alice = await chat.visit();
    const { keyboard } = alice.page;

    await keyboard.type("alice");
    await keyboard.press("Enter");
    await alice.isConnected();
    await keyboard.type("hello");
    await keyboard.press("Enter");
    await alice.sees("hello");
    await tabTo(alice.page.getByRole("textbox", { name: "Room name" }), "Shift+Tab");
    await keyboard.type("tea");
    await keyboard.press("Enter");
    await keyboard.type("hello tea");
    await keyboard.press("Enter");
    await bob.sees("hello tea");
    await tabTo(alice.conversation("tea"), "Shift+Tab");
    await keyboard.press("ArrowDown");
    await keyboard.press("Enter");
    await keyboard.type("hello again");
    await keyboard.press("Enter");

    await alice.sees("hello", "hello again");
  }),
);

Deno.test(
  "[U18] Enter during input method composition sends nothing, and Shift+Enter breaks the line",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    const devtools = await alice.page.context().newCDPSession(alice.page);

    await alice.composer.focus();
    await devtools.send("Input.imeSetComposition", {
      text: "彗星",
      selectionStart: 2,
      selectionEnd: 2,
    });
    await alice.page.keyboard.press("Enter");
    await assertSoon(() => alice.texts(), []);
    await devtools.send("Input.insertText", { text: "彗星" });
    await alice.page.keyboard.press("Shift+Enter");
    await assertSoon(() => alice.texts(), []);
    await alice.page.keyboard.type("Halley");
    await alice.page.keyboard.press("Enter");

    await alice.sees("彗星\nHalley");
  }),
);

Deno.test(
  "[U64] on a touch screen Enter breaks the line and the button sends; Ctrl+Enter and Cmd+Enter send everywhere",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice", PHONE);
    const bob = await chat.signIn("bob");
    const { keyboard } = alice.page;
    const keyHint = (page: typeof alice) => page.composer.getAttribute("enterkeyhint");

    await alice.select("Lobby");
    await alice.composer.tap();
    await keyboard.type("one");
    await keyboard.press("Enter");
    await keyboard.type("two");
    await alice.button("Send").tap();
    await bob.sees("one\ntwo");
    await keyboard.type("three");
    await keyboard.press("Meta+Enter");
    await bob.composer.fill("four");
    await bob.composer.press("Control+Enter");

    await bob.sees("one\ntwo", "three", "four");
    assertEquals([await keyHint(alice), await keyHint(bob)], ["enter", "send"]);
    await alice.page.getByTitle("Ctrl+Enter sends, Enter breaks the line.").waitFor();
    await bob.page.getByTitle("Enter sends, Shift+Enter breaks the line.").waitFor();
  }),
);

Deno.test(
  "[U64] in the widget too, Enter breaks the line on a touch screen",
  withShop(async (chat, shop) => {
    const alice = new WidgetPage(await chat.openPage(shop.page(chat), PHONE));
    await alice.enter("alice");

    await alice.composer.tap();
    await alice.page.keyboard.type("one");
    await alice.page.keyboard.press("Enter");
    await alice.page.keyboard.type("two");
    await alice.panel.getByRole("button", { name: "Send" }).tap();

    await alice.sees("one\ntwo");
  }),
);

Deno.test(
  "[U393] whichever way leads back, on a phone and on a wide screen, the focus is in what is shown",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    await bob.poll({ channels: ["room:lobby"] });
    const alice = await chat.signIn("alice", PHONE);
    const { page } = alice;
    /** The part of the page that has the focus. */
    const part = () =>
      page.evaluate(() =>
        document.activeElement?.closest("dialog, .sidebar, .conversation, .people")?.className ??
          "nothing"
      );
    const list = page.getByRole("navigation", { name: "Conversations" });
    await list.waitFor();

    await alice.select("Lobby");
    await assertSoon(part, "conversation");
    await page.locator(".show-people").click();
    await assertSoon(part, "people");
    await page.goBack();
    await assertSoon(part, "conversation");
    await page.goForward();
    await assertSoon(part, "people");
    await page.getByTitle("Message bob").click();
    await assertSoon(part, "conversation");
    await alice.openOptions();
    await alice.button("Close").click();
    await assertSoon(part, "sidebar");
    await alice.select("Lobby");
    await page.goBack();
    await assertSoon(part, "sidebar");

    const wide = await alice.secondWindow();
    await wide.page.setViewportSize({ width: 1280, height: 800 });
    const widePart = () => wide.page.evaluate(() => document.activeElement?.tagName);
    await wide.joinRoom("tea");
    await wide.conversation("tea").click({ button: "right" });
    await wide.dialog.getByRole("button", { name: "Leave" }).click();
    await assertSoon(() => wide.conversation("tea").count(), 0);
    await assertSoon(async () => await widePart() !== "BODY", true);
    await wide.select("Lobby");
    await wide.page.goBack();
    await assertSoon(async () => await widePart() !== "BODY", true);
  }),
);
