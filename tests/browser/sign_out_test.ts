import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Locator } from "playwright-core";
import { accessibilityViolations } from "./accessibility.ts";
import { assertSoon } from "./assert_soon.ts";
import { withChat } from "./browser_chat.ts";
import { overflows } from "./overflows.ts";

Deno.test(
  "[U173] signing out asks, and says what a guest loses and how much is unsent",
  withChat(async (chat) => {
    chat.errors.expect("network");
    const alice = await chat.signIn("alice");
    await alice.say("sentt");
    await assertSoon(() => alice.delivery("sentt"), "Sent");
    await alice.joinRoom("tea");
    await alice.composer.fill("a draft");
    await alice.select("Lobby");
    await alice.page.context().setOffline(true);
    await alice.composer.press("ArrowUp");
    await alice.page.keyboard.press("Backspace");
    await alice.page.keyboard.press("Enter");
    await alice.say("one");
    await alice.say("two");

    await alice.openSettings();
    await alice.button("Sign out").click();

    assertEquals(await alice.dialog.getByRole("heading").textContent(), "Sign out as alice?");
    const text = await alice.dialog.textContent() ?? "";
    assertStringIncludes(text, "you lose this name with its direct conversations");
    assertStringIncludes(text, "lost if you sign out: 2 messages, 1 draft, and 1 change.");
  }),
);

for (const way of ["Stay", "Escape"] as const) {
  Deno.test(
    `[U173] ${way} leaves everything as it was, with the keyboard alone`,
    withChat(async (chat) => {
      const alice = await chat.signIn("alice");
      const { keyboard } = alice.page;
      const button = alice.button("Sign out");
      await alice.say("hello");
      await alice.openSettings();

      await button.press("Enter");
      await assertSoon(() => hasFocus(alice.dialog.getByRole("button", { name: "Stay" })), true);
      await keyboard.press(way === "Stay" ? "Enter" : "Escape");

      await assertSoon(() => alice.dialog.count(), 0);
      await assertSoon(() => hasFocus(button), true);
      await alice.sees("hello");
    }),
  );
}

Deno.test(
  "[U173] the question is closed when the session ends elsewhere",
  withChat(async (chat) => {
    chat.errors.expect("unauthorized");
    const alice = await chat.signIn("alice");
    const second = await alice.secondWindow();
    await alice.openSettings();
    await alice.button("Sign out").click();
    await alice.dialog.waitFor();

    await second.signOut();

    await alice.nameField.waitFor();
    assertEquals(await alice.dialog.count(), 0);
  }),
);

for (const colorScheme of ["light", "dark"] as const) {
  Deno.test(
    `[U173] the question has no accessibility violations in ${colorScheme}, and fits 320 pixels`,
    withChat(async (chat) => {
      const viewport = { width: 320, height: 480 };
      const alice = await chat.signIn("w".repeat(64), { colorScheme, reducedMotion: "reduce" });
      await alice.composer.fill("a draft");
      await alice.openSettings();
      await alice.button("Sign out").click();

      assertEquals(await accessibilityViolations(alice.page), []);
      await alice.page.setViewportSize(viewport);
      assertEquals(await overflows(alice), []);
      const { left, right, top, bottom } = await alice.dialog.evaluate((it) =>
        it.getBoundingClientRect().toJSON()
      );
      assertEquals([left >= 0, top >= 0, right <= 320, bottom <= 480], Array(4).fill(true));
    }),
  );
}

function hasFocus(element: Locator): Promise<boolean> {
  return element.evaluate((it) => it === document.activeElement);
}
