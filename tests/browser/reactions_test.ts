import { assertEquals } from "@std/assert";
import { RemoteChat } from "../support/remote_chat.ts";
import { accessibilityViolations } from "./accessibility.ts";
import { assertSoon } from "./assert_soon.ts";
import { withChat } from "./browser_chat.ts";
import type { ChatPage } from "./chat_page.ts";
import { withShop } from "./shop.ts";
import { WidgetPage } from "./widget_page.ts";

/** The reactions to the message with a text: each with its number, and whether it is an own one. */
function reactionsTo({ log }: ChatPage, text: string): Promise<readonly string[]> {
  return log.locator(".message").filter({ hasText: text }).locator(".reactions button").evaluateAll(
    (chips) =>
      chips.map((chip) => `${chip.textContent}${chip.ariaPressed === "true" ? " own" : ""}`),
  );
}

function pathOf(id: number): string {
  return `/api/messages/${id}/reactions/${encodeURIComponent("🎉")}`;
}

/** Reacts to the message with a text, with the mouse. */
async function react(person: ChatPage, text: string, name: string): Promise<void> {
  await person.log.getByText(text, { exact: true }).hover();
  await person.button("React").click();
  await person.button(name).click();
}

Deno.test(
  "[U125] a reaction is shown to all with its number and names, and one's own is marked",
  withChat(async (chat) => {
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    await alice.say("one");
    await bob.sees("one");

    await react(bob, "one", "Party popper");
    await assertSoon(() => reactionsTo(alice, "one"), ["🎉 1"]);
    await react(alice, "one", "Party popper");
    await react(alice, "one", "Thumbs up");

    await assertSoon(() => reactionsTo(alice, "one"), ["🎉 2 own", "👍 1 own"]);
    await assertSoon(() => reactionsTo(bob, "one"), ["🎉 2 own", "👍 1"]);
    await bob.log.getByRole("button", { name: "🎉 2: you and alice" }).waitFor();
    assertEquals(await bob.log.locator(".reactions button").nth(1).getAttribute("title"), "alice");
    await assertSoon(() => accessibilityViolations(bob.page), []);
    await bob.page.reload();
    await assertSoon(() => reactionsTo(bob, "one"), ["🎉 2 own", "👍 1"]);
  }),
);

Deno.test(
  "[U125] a click on a reaction adds one's own, another one takes it back",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    const alice = await chat.signIn("alice");
    const { id } = await (await bob.say("room:lobby", "one")).json();
    await (await bob.request("PUT", pathOf(id))).body?.cancel();
    const chip = alice.log.locator(".reactions button");

    await chip.click();
    await assertSoon(() => reactionsTo(alice, "one"), ["🎉 2 own"]);
    await chip.click();

    await assertSoon(() => reactionsTo(alice, "one"), ["🎉 1"]);
    await (await bob.request("DELETE", pathOf(id))).body?.cancel();
    await assertSoon(() => reactionsTo(alice, "one"), []);
  }),
);

Deno.test(
  "[U126] a reaction is chosen with the keyboard, and Escape leaves the choice",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    await alice.say("one");
    await assertSoon(() => alice.delivery("one"), "Sent");
    const { keyboard } = alice.page;
    const focused = () =>
      alice.page.evaluate(() =>
        document.activeElement?.ariaLabel ?? document.activeElement?.textContent?.trim()
      );
    await alice.log.focus();
    await keyboard.press("ArrowUp");
    while (await focused() !== "React") await keyboard.press("Tab");

    await keyboard.press("Enter");
    await assertSoon(focused, "Thumbs up");
    await keyboard.press("Escape");
    await assertSoon(focused, "React");
    await keyboard.press("Enter");
    await keyboard.press("ArrowLeft");
    await assertSoon(focused, "More emoji");
    await keyboard.press("ArrowRight");
    await keyboard.press("ArrowRight");
    await assertSoon(focused, "Heart");
    await assertSoon(() => accessibilityViolations(alice.page), []);
    await keyboard.press("Enter");

    await assertSoon(() => reactionsTo(alice, "one"), ["❤️ 1 own"]);
  }),
);

Deno.test(
  "[U133] any other emoji is picked with mouse and keyboard, and Escape leaves the choice",
  withChat(async (chat) => {
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    await alice.say("one");
    await bob.sees("one");
    const { keyboard } = bob.page;
    const search = bob.page.getByRole("combobox", { name: "Search emoji" });

    await bob.log.getByText("one").hover();
    await bob.button("React").click();
    await bob.button("More emoji").click();
    await search.fill("rocket");
    await assertSoon(() => accessibilityViolations(bob.page), []);
    await search.press("Enter");

    await assertSoon(() => reactionsTo(alice, "one"), ["🚀 1"]);
    const hasFocus = () => document.activeElement?.closest(".message") !== null;
    await assertSoon(() => bob.page.evaluate(hasFocus), true);
    for (const name of ["React", "More emoji"]) {
      await bob.button(name).focus();
      await keyboard.press("Enter");
    }
    await search.waitFor();
    await keyboard.press("Escape");
    await search.waitFor({ state: "detached" });
    assertEquals(await reactionsTo(alice, "one"), ["🚀 1"]);
  }),
);

Deno.test(
  "[U127] who may not write somewhere sees the reactions, and cannot react",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    const alice = await chat.signIn("alice");
    const { id } = await (await bob.say("room:lobby", "one")).json();
    await (await bob.request("PUT", pathOf(id))).body?.cancel();
    await assertSoon(() => reactionsTo(alice, "one"), ["🎉 1"]);

    await chat.kill();
    await chat.restart({ GUEST_WRITE: "room:milk" });
    await alice.page.reload();

    await assertSoon(() => reactionsTo(alice, "one"), ["🎉 1"]);
    await assertSoon(() => alice.log.locator(".reactions button").isDisabled(), true);
    await alice.log.getByText("one").hover();
    await alice.button("Copy").waitFor();
    assertEquals(await alice.button("React").count(), 0);
  }),
);

Deno.test(
  "[U128] the widget shows reactions, and its visitors react",
  withShop(async (chat, shop) => {
    const bob = await chat.signIn("bob");
    const alice = new WidgetPage(await chat.openPage(shop.page(chat)));
    await alice.launcher.click();
    await alice.enterName("alice");
    await bob.joinRoom("support");
    await bob.say("one");
    await alice.sees("one");

    await react(bob, "one", "Heart");
    const chip = alice.widget.locator(".reactions button");
    await assertSoon(() => chip.textContent(), "❤️ 1");
    await chip.click();

    await assertSoon(() => reactionsTo(bob, "one"), ["❤️ 2 own"]);
  }),
);
