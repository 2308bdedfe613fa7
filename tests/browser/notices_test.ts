import { assertEquals } from "@std/assert";
import { type BrowserChat, withChat } from "./browser_chat.ts";
import type { ChatPage } from "./chat_page.ts";
import { hide, notify } from "./notify.ts";
import { assertSoon } from "./soon.ts";

/** The titles of the popups, oldest first. */
function popups({ page }: ChatPage): Promise<string[]> {
  return page.locator(".popup strong").allTextContents();
}

/** Somebody who is signed in, and on whose page time can be moved on. */
async function signInWithClock(chat: BrowserChat): Promise<ChatPage> {
  const alice = await chat.visit();
  await alice.page.clock.install();
  await alice.page.reload();
  await alice.signIn("alice");
  return alice;
}

Deno.test(
  "[U50] a notice that comes pops up, is announced, and leads to all notices",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");

    await notify(chat, { title: "Tonight", text: "The server moves house." });

    await assertSoon(() => popups(alice), ["Tonight"]);
    const stack = alice.page.getByRole("region", { name: "New notices" });
    await assertSoon(() => stack.getAttribute("aria-live"), "polite");
    await alice.page.getByText("The server moves house.").last().click();
    await alice.sees("The server moves house.");
    await assertSoon(() => popups(alice), []);
  }),
);

Deno.test(
  "[U50] nothing pops up where one looks at the notices anyway, nor after a reload",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    await alice.look("Notices");

    await notify(chat, { text: "The server moves house." });

    await alice.sees("The server moves house.");
    await assertSoon(() => popups(alice), []);
    await alice.page.reload();
    await alice.isConnected();
    await assertSoon(() => popups(alice), []);
  }),
);

Deno.test(
  "[U51] three popups are shown, older ones are counted, and all go after a while",
  withChat(async (chat) => {
    const alice = await signInWithClock(chat);
    // None goes before all have come.
    await hide(alice.page);

    await notify(
      chat,
      ...["one", "two", "three", "four", "five"].map((title) => ({ title, text: "!" })),
    );

    await assertSoon(() => popups(alice), ["three", "four", "five"]);
    await alice.button("2 more").waitFor();
    await hide(alice.page, false);
    await alice.page.clock.fastForward(8_000);
    await assertSoon(() => popups(alice), []);
  }),
);

Deno.test(
  "[U52] popups stay while the mouse or the focus is on one, and while nobody sees the page",
  withChat(async (chat) => {
    const alice = await signInWithClock(chat);
    await hide(alice.page);
    await notify(chat, { title: "Tonight", text: "!" });
    await assertSoon(() => popups(alice), ["Tonight"]);

    await alice.page.clock.fastForward(9_000);
    assertEquals(await popups(alice), ["Tonight"], "hidden");
    await alice.page.locator(".popup").hover();
    await hide(alice.page, false);
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
  "[U53] a popup is dismissed by its button or by Escape, and the focus goes to the next, or back",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    // None goes by itself.
    await hide(alice.page);
    await notify(chat, { title: "one", text: "!" }, { title: "two", text: "!" }, {
      title: "three",
      text: "!",
    });
    await assertSoon(() => popups(alice), ["one", "two", "three"]);
    await alice.composer.focus();

    await alice.button("Dismiss").nth(1).click();
    await assertSoon(() => popups(alice), ["one", "three"]);
    await alice.composer.focus();
    await alice.button("Dismiss").first().focus();
    await alice.page.keyboard.press("Escape");
    await assertSoon(() => popups(alice), ["three"]);
    await alice.page.keyboard.press("Escape");

    await assertSoon(() => popups(alice), []);
    const isBack = () => alice.composer.evaluate((field) => field === document.activeElement);
    await assertSoon(isBack, true);
  }),
);
