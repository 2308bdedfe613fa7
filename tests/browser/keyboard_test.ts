import type { Locator } from "playwright-core";
import { withChat } from "./browser_chat.ts";
import { assertSoon } from "./assert_soon.ts";

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
