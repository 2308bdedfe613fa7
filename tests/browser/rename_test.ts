import { assertEquals } from "@std/assert";
import { accessibilityViolations } from "./accessibility.ts";
import { assertSoon } from "./assert_soon.ts";
import { withChat } from "./browser_chat.ts";
import type { ChatPage } from "./chat_page.ts";
import { overflows } from "./overflows.ts";

/** Opens the dialog, and enters a name. */
async function rename(page: ChatPage, name: string): Promise<void> {
  await page.openSettings();
  await page.button("Change name…").click();
  await page.dialog.getByRole("textbox", { name: "New name" }).fill(name);
  await page.dialog.getByRole("textbox", { name: "New name" }).press("Enter");
}

function nameOn({ page }: ChatPage): Promise<string | null> {
  return page.locator("button.self strong").textContent();
}

Deno.test(
  "[U177] a guest changes the name: everybody sees it, and old messages keep the old one",
  withChat(async (chat) => {
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    const second = await alice.secondWindow();
    await alice.say("one");
    await bob.sees("one");
    await assertSoon(() => bob.people(), ["alice", "bob"]);

    await rename(alice, " Alice  Liddell ");

    await assertSoon(() => alice.dialog.count(), 0);
    for (const page of [alice, second]) {
      await assertSoon(() => nameOn(page), "Alice Liddell");
      await assertSoon(() => page.people(), ["Alice Liddell", "bob"]);
    }
    await assertSoon(() => bob.people(), ["Alice Liddell", "bob"]);
    await alice.say("two");
    await bob.sees("one", "two");
    const senders = bob.log.locator(".sender .name");
    await assertSoon(() => senders.allTextContents(), ["alice", "Alice Liddell"]);
    await second.page.reload();
    await assertSoon(() => nameOn(second), "Alice Liddell");
  }),
);

Deno.test(
  "[U177] a name that was changed on another device is shown by the next page",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    const session = await alice.page.evaluate(() => localStorage.getItem("halley.session") ?? "");
    const { privateToken } = JSON.parse(session);
    await alice.page.goto("about:blank");
    const renamed = await fetch(`${chat.url}/api/session`, {
      method: "PATCH",
      headers: { authorization: `Bearer ${privateToken}`, "content-type": "application/json" },
      body: JSON.stringify({ displayName: "Alice" }),
    });
    await renamed.body?.cancel();

    await alice.page.goto(chat.url);

    await assertSoon(() => nameOn(alice), "Alice");
  }),
);

Deno.test(
  "[U177] a name that cannot be used is refused with the reason, and nothing changes",
  withChat(async (chat) => {
    chat.errors.expect("refusal");
    const alice = await chat.signIn("alice");

    await rename(alice, "Ѕystem");

    await assertSoon(
      () => alice.dialog.getByRole("alert").textContent(),
      "This name is reserved or looks like a reserved one. Choose another.",
    );
    await alice.page.keyboard.press("Escape");
    await assertSoon(() => alice.dialog.count(), 0);
    await assertSoon(
      () => alice.button("Change name…").evaluate((it) => it === document.activeElement),
      true,
    );
    assertEquals(await nameOn(alice), "alice");
  }),
);

for (const colorScheme of ["light", "dark"] as const) {
  Deno.test(
    `[U177] the change of the name has no accessibility violations in ${colorScheme}, and fits 320 pixels`,
    withChat(async (chat) => {
      const alice = await chat.signIn("alice", { colorScheme, reducedMotion: "reduce" });
      await alice.openSettings();
      await alice.button("Change name…").click();
      await alice.dialog.getByRole("textbox").waitFor();

      assertEquals(await accessibilityViolations(alice.page), []);
      await alice.page.setViewportSize({ width: 320, height: 480 });
      assertEquals(await overflows(alice), []);
    }),
  );
}
