import { assertEquals } from "@std/assert";
import { gzipSync } from "node:zlib";
import { RemoteChat } from "../support/remote_chat.ts";
import { withChat } from "./browser_chat.ts";
import { accessibilityViolations } from "./accessibility.ts";
import { assertSoon } from "./assert_soon.ts";
import { overflows } from "./overflows.ts";

const HOSTILE_NAMES = [
  "<img src=x onerror=executed++>",
  "N".repeat(64),
  "שביט האלי",
  "w w w w w w w w w w w w w w w w w w w w w w w w w w w w w w w w",
];

const HOSTILE_TEXTS = [
  "> <b>:\n> <img src=x onerror=executed++>\n\n<script>executed++</script>",
  "https://halley.test/" + "a".repeat(400) + "?<script>executed++</script>",
  "العربية ".repeat(60),
  "\u202Egnirts desrever\u202C",
  "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘!",
];

for (const colorScheme of ["light", "dark"] as const) {
  Deno.test(
    `[U19] no view has accessibility violations in ${colorScheme}`,
    withChat(async (chat) => {
      using remote = new RemoteChat(chat.url);
      const bob = await remote.signIn("bob");
      const alice = await chat.signIn("alice", { colorScheme, reducedMotion: "reduce" });
      await bob.say(`direct:${await alice.publicToken()}`, "see https://halley.test");
      await alice.select("bob");
      await alice.say("> bob:\n> see\n\nI do");
      await alice.log.getByText("I do").hover();
      await alice.button("Reply").click();

      assertEquals(await accessibilityViolations(alice.page), [], "a direct conversation");
      await alice.select("Notices");
      await alice.page.getByText("No notices yet").waitFor();
      assertEquals(await accessibilityViolations(alice.page), [], "the notices");
      await alice.page.getByRole("textbox", { name: "Room name" }).focus();
      await alice.page.getByRole("heading", { name: "Active rooms" }).waitFor();
      assertEquals(await accessibilityViolations(alice.page), [], "the active rooms");
      await alice.select("Lobby");
      await alice.page.setViewportSize({ width: 360, height: 640 });
      assertEquals(await accessibilityViolations(alice.page), [], "a conversation on a phone");
      await alice.page.getByRole("button", { name: "Show people" }).click();
      assertEquals(await accessibilityViolations(alice.page), [], "the people on a phone");
      await alice.page.keyboard.press("Escape");
      await alice.page.locator(".conversation-header .back").click();
      assertEquals(await accessibilityViolations(alice.page), [], "the list on a phone");
    }),
  );
}

Deno.test(
  "[U42] arrow keys move between conversations, Escape returns to them, and Enter leads to the composer",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    const { keyboard } = alice.page;
    const hasFocus = (channel: string) =>
      alice.page.locator(`[data-channel="${channel}"]`)
        .evaluate((item) => item === document.activeElement);
    await alice.joinRoom("tea");

    await alice.composer.press("Escape");
    await assertSoon(() => hasFocus("room:tea"), true);
    await keyboard.press("End");
    await assertSoon(() => hasFocus("notice"), true);
    await keyboard.press("ArrowUp");
    await assertSoon(() => hasFocus("room:lobby"), true);
    await keyboard.press("Enter");
    await alice.page.getByRole("heading", { name: "Lobby" }).waitFor();

    const isWriting = () => alice.composer.evaluate((field) => field === document.activeElement);
    await assertSoon(isWriting, true);
    await alice.select("tea");
    await alice.leave();
    await assertSoon(() => hasFocus("room:lobby"), true);
  }),
);

Deno.test(
  "[U43] hostile, very long and right-to-left names and texts do not break any view",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const alice = await chat.signIn("alice", { viewport: { width: 320, height: 568 } });
    for (const name of HOSTILE_NAMES) {
      const person = await remote.signIn(name);
      await person.say(`direct:${await alice.publicToken()}`, `I am ${name}`);
      for (const text of HOSTILE_TEXTS) await person.say("room:lobby", text);
      await alice.page.locator(".conversation-item .title").getByText(name, { exact: true })
        .waitFor();
    }

    assertEquals(await overflows(alice), [], "the list");
    await alice.select("Lobby");
    await assertSoon(async () => (await alice.texts()).length, 20);
    assertEquals(await overflows(alice), [], "the lobby");
    for (const name of HOSTILE_NAMES) {
      await alice.page.goBack();
      await alice.select(name);
      await alice.sees(`I am ${name}`);
      assertEquals(await overflows(alice), [], name);
    }
    await assertSoon(() => alice.page.evaluate("executed"), 0);
  }),
);

Deno.test("[U44] the page's script has at most 70 kB gzipped", async () => {
  const script = await Deno.readFile(new URL("../../static/built/app.js", import.meta.url));

  assertEquals(gzipSync(script, { level: 9 }).length <= 70_000, true);
});
