import { assertEquals } from "@std/assert";
import { type BrowserChat, withChat } from "./browser_chat.ts";
import type { ChatPage } from "./chat_page.ts";
import { blurPage, hidePage } from "./hide_page.ts";
import { publishNotices } from "./publish_notices.ts";
import { assertSoon } from "./assert_soon.ts";

/** The titles of the popups, oldest first. */
function popups({ page }: ChatPage): Promise<string[]> {
  return page.locator(".popup strong").allTextContents();
}

/** Signs in on a page whose clock can be moved forward. */
async function signInWithClock(chat: BrowserChat): Promise<ChatPage> {
  const alice = await chat.visit();
  await alice.page.clock.install();
  await alice.page.reload();
  await alice.signIn("alice");
  return alice;
}

Deno.test(
  "[U50] a new notice is shown as a popup, announced, and leads to all notices",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");

    await publishNotices(chat, { title: "Tonight", text: "The server moves house." });

    await assertSoon(() => popups(alice), ["Tonight"]);
    const stack = alice.page.getByRole("region", { name: "New notices" });
    await assertSoon(() => stack.getAttribute("aria-live"), "polite");
    await alice.page.getByText("The server moves house.").last().click();
    await alice.sees("The server moves house.");
    await assertSoon(() => popups(alice), []);
  }),
);

Deno.test(
  "[U50] a popup covers neither a field nor the newest message, on narrow and wide screens",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice", { viewport: { width: 390, height: 760 } });
    const { page } = alice;
    const covered = () =>
      page.evaluate(() => {
        const card = document.querySelector(".popup")!.getBoundingClientRect();
        const all = document.querySelectorAll("input, .composer, .message");
        return [...all].filter((one) => one.checkVisibility()).filter((one) => {
          const { top, bottom, left, right } = one.getBoundingClientRect();
          return top < card.bottom && bottom > card.top && left < card.right && right > card.left;
        }).length;
      });
    await alice.select("Lobby");
    await alice.say("newest");

    await hidePage(page);
    await publishNotices(chat, { text: "one" }, { text: "two" });
    await page.locator(".popup").waitFor();
    assertEquals(await covered(), 0, "conversation");
    await page.getByRole("button", { name: /^Back/ }).click();
    assertEquals(await covered(), 0, "list");
    await page.setViewportSize({ width: 1200, height: 700 });

    assertEquals(await covered(), 0, "wide");
  }),
);

Deno.test(
  "[U50] there is no popup while the notices are selected, nor after a reload",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    await alice.select("Notices");

    await publishNotices(chat, { text: "The server moves house." });

    await alice.sees("The server moves house.");
    await assertSoon(() => popups(alice), []);
    await alice.page.reload();
    await alice.isConnected();
    await assertSoon(() => popups(alice), []);
  }),
);

Deno.test(
  "[U51] the newest notice is shown, older ones are counted, and all disappear after a while",
  withChat(async (chat) => {
    const alice = await signInWithClock(chat);
    // On a hidden page popups stay until all have arrived.
    await hidePage(alice.page);

    await publishNotices(
      chat,
      ...["one", "two", "three", "four", "five"].map((title) => ({ title, text: "!" })),
    );

    await assertSoon(() => popups(alice), ["five"]);
    await alice.button("4 more").waitFor();
    await hidePage(alice.page, false);
    await alice.page.clock.fastForward(8_000);
    await assertSoon(() => popups(alice), []);
  }),
);

Deno.test(
  "[U52] popups stay while the mouse or the focus is on one, and while the user is elsewhere",
  withChat(async (chat) => {
    const alice = await signInWithClock(chat);
    await hidePage(alice.page);
    await publishNotices(chat, { title: "Tonight", text: "!" });
    await assertSoon(() => popups(alice), ["Tonight"]);

    await alice.page.clock.fastForward(9_000);
    assertEquals(await popups(alice), ["Tonight"], "hidden");
    await blurPage(alice.page);
    await hidePage(alice.page, false);
    await alice.page.clock.fastForward(9_000);
    assertEquals(await popups(alice), ["Tonight"], "another window is in front");
    await alice.page.locator(".popup").hover();
    await blurPage(alice.page, false);
    await alice.page.clock.fastForward(9_000);
    assertEquals(await popups(alice), ["Tonight"], "under the mouse");
    await alice.button("Dismiss").focus();
    await alice.page.mouse.move(5, 5);
    await alice.page.clock.fastForward(9_000);
    assertEquals(await popups(alice), ["Tonight"], "focused");
    await alice.composer.focus();
    await alice.page.clock.fastForward(8_000);
    await assertSoon(() => popups(alice), []);
  }),
);

Deno.test(
  "[U53] a popup is dismissed with its button or Escape, and the focus moves to the next one or back",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    // On a hidden page popups stay.
    await hidePage(alice.page);
    await publishNotices(chat, { title: "one", text: "!" }, { title: "two", text: "!" }, {
      title: "three",
      text: "!",
    });
    await alice.button("2 more").waitFor();
    await alice.composer.focus();

    await alice.button("Dismiss").click();
    await assertSoon(() => popups(alice), ["two"]);
    await alice.composer.focus();
    await alice.button("Dismiss").focus();
    await alice.page.keyboard.press("Escape");
    await assertSoon(() => popups(alice), ["one"]);
    await alice.page.keyboard.press("Escape");

    await assertSoon(() => popups(alice), []);
    const isBack = () => alice.composer.evaluate((field) => field === document.activeElement);
    await assertSoon(isBack, true);
  }),
);
