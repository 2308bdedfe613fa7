import { assertEquals } from "@std/assert";
import { accessibilityViolations } from "./accessibility.ts";
import { assertSoon } from "./assert_soon.ts";
import { withChat } from "./browser_chat.ts";
import type { ChatPage } from "./chat_page.ts";
import { overflows } from "./overflows.ts";

function options({ page }: ChatPage) {
  return page.getByRole("listbox", { name: /Emoji|表情/ }).getByRole("option");
}

async function openPicker(chat: ChatPage): Promise<void> {
  await chat.button("Emoji").click();
  await options(chat).first().waitFor();
}

/** The name of the emoji that Enter would pick. */
async function active({ page }: ChatPage, field: string): Promise<string | null> {
  return await page.evaluate((field) => {
    const id = document.querySelector(field)?.getAttribute("aria-activedescendant") ?? "";
    return document.getElementById(id)?.getAttribute("aria-label") ?? null;
  }, field);
}

Deno.test(
  "[U145] an emoji is searched and picked with the keyboard, and put where the caret is",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    const { keyboard } = alice.page;
    await alice.composer.fill("ab");
    await alice.composer.press("ArrowLeft");
    await openPicker(alice);

    await keyboard.type("comet");
    await assertSoon(() => active(alice, ".emoji-grid input"), "comet");
    await keyboard.press("Enter");

    await assertSoon(() => alice.composer.inputValue(), "a☄️b");
    await assertSoon(() => options(alice).count(), 0);
    await keyboard.type("!");
    await assertSoon(() => alice.composer.inputValue(), "a☄️!b");
  }),
);

Deno.test(
  "[U426] Escape closes the picker of emoji wherever the focus is, and nothing else",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    await openPicker(alice);

    await alice.page.evaluate(() => {
      if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    });
    assertEquals(await alice.page.evaluate(() => document.activeElement?.tagName), "BODY");
    await alice.page.keyboard.press("Escape");

    await assertSoon(() => options(alice).count(), 0);
    await alice.composer.waitFor();
  }),
);

Deno.test(
  "[U145] arrow keys move in the grid of emoji, and Escape returns to the composer",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    const { keyboard } = alice.page;
    await openPicker(alice);
    const names = await options(alice).evaluateAll((all) =>
      all.slice(0, 3).map((one) => one.getAttribute("aria-label"))
    );
    const isActive = () => active(alice, ".emoji-grid input");
    await assertSoon(isActive, names[0]!);

    await keyboard.press("ArrowRight");
    await keyboard.press("ArrowRight");
    await assertSoon(isActive, names[2]!);
    await keyboard.press("ArrowDown");
    await keyboard.press("ArrowUp");
    await assertSoon(isActive, names[2]!);
    await keyboard.press("Escape");

    await assertSoon(() => options(alice).count(), 0);
    await keyboard.type("hello");
    await assertSoon(() => alice.composer.inputValue(), "hello");
  }),
);

Deno.test(
  "[U145] the emoji that were picked last come first, until the user signs out",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    for (const name of ["comet", "telescope"]) {
      await openPicker(alice);
      await alice.page.keyboard.type(name);
      await options(alice).first().click();
    }

    await openPicker(alice);
    const first = async () => (await options(alice).allTextContents()).slice(0, 2);
    await assertSoon(first, ["🔭", "☄️"]);
    await alice.page.keyboard.press("Escape");
    await alice.composer.fill("");
    await alice.signOut();
    await alice.nameField.waitFor();

    assertEquals(await alice.page.evaluate(() => localStorage.getItem("halley.emoji")), null);
  }),
);

Deno.test(
  "[U246] the skin tone that was chosen holds for all emoji, completed ones too, until the user signs out",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    const { page } = alice;
    await openPicker(alice);
    await page.getByLabel("Skin tone").selectOption("🏽");
    await page.getByRole("combobox", { name: "Search emoji" }).fill("waving hand");
    await options(alice).getByText("👋🏽").click();
    await alice.composer.pressSequentially(" :handshake");
    await options(alice).first().waitFor();
    await page.keyboard.press("Tab");
    await assertSoon(() => alice.composer.inputValue(), "👋🏽 🤝🏽");

    await page.reload();
    await openPicker(alice);
    await assertSoon(() => options(alice).first().textContent(), "👋🏽");
    await page.keyboard.press("Escape");
    await alice.composer.fill("");
    await alice.signOut();
    await alice.nameField.waitFor();

    assertEquals(await page.evaluate(() => localStorage.getItem("halley.skin")), null);
  }),
);

for (const isKnown of [true, false]) {
  Deno.test(
    `[U247] an emoji of version 16 is ${isKnown ? "" : "not "}offered where fonts ${
      isKnown ? "have" : "lack"
    } it`,
    withChat(async (chat) => {
      const alice = await chat.signIn("alice");
      await alice.page.evaluate((isKnown) => {
        let count = 0;
        const picture = () => isKnown ? `picture ${count++}` : "the same picture";
        HTMLCanvasElement.prototype.toDataURL = picture;
      }, isKnown);

      await openPicker(alice);
      await alice.page.keyboard.type("fingerprint");

      await assertSoon(() => options(alice).count(), isKnown ? 1 : 0);
    }),
  );
}

Deno.test(
  "[U145] emoji are searched in Chinese on the Chinese page",
  withChat(async (chat) => {
    const alice = await chat.visit({ locale: "zh-CN" });
    await alice.page.getByRole("textbox").fill("alice");
    await alice.page.keyboard.press("Enter");
    await alice.page.getByRole("button", { name: "表情" }).click();
    await options(alice).first().waitFor();

    await alice.page.keyboard.type("彗星");

    await assertSoon(async () => (await options(alice).allTextContents())[0], "☄️");
  }),
);

for (const colorScheme of ["light", "dark"] as const) {
  Deno.test(
    `[U145] the picker has no accessibility violations in ${colorScheme}, and fits 320 pixels`,
    withChat(async (chat) => {
      const viewport = { width: 320, height: 568 };
      const alice = await chat.signIn("alice", { viewport, colorScheme });
      await alice.select("Lobby");

      await openPicker(alice);
      assertEquals(await overflows(alice), []);
      // All emoji would keep axe busy for half a minute.
      await alice.page.keyboard.type("moon");
      await assertSoon(async () => await options(alice).count() < 50, true);

      assertEquals(await accessibilityViolations(alice.page), []);
    }),
  );
}

Deno.test(
  "[U146] a colon and the beginning of a name list emoji, which Tab, Enter and the mouse pick",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    const { keyboard } = alice.page;

    await alice.composer.pressSequentially("at 10:30 :comet");
    await assertSoon(() => options(alice).count(), 1);
    await keyboard.press("Tab");
    await assertSoon(() => alice.composer.inputValue(), "at 10:30 ☄️");
    await keyboard.type(" :smile");
    await options(alice).first().waitFor();
    await keyboard.press("ArrowDown");
    await keyboard.press("ArrowUp");
    await keyboard.press("Enter");
    await assertSoon(() => alice.composer.inputValue(), "at 10:30 ☄️ 😄");
    await keyboard.type(":telesc");
    await options(alice).first().click();

    await assertSoon(() => alice.composer.inputValue(), "at 10:30 ☄️ 😄🔭");
    assertEquals(await alice.texts(), []);
  }),
);

Deno.test(
  "[U146] Escape closes the list of emoji, and Enter then sends",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    await alice.composer.pressSequentially(":smile");
    await options(alice).first().waitFor();

    await alice.page.keyboard.press("Escape");
    await assertSoon(() => options(alice).count(), 0);
    await alice.page.keyboard.press("Enter");

    await alice.sees(":smile");
  }),
);
