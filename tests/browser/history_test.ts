import { assertEquals } from "@std/assert";
import { RemoteChat } from "../support/remote_chat.ts";
import { withChat } from "./browser_chat.ts";
import type { ChatPage } from "./chat_page.ts";
import { assertSoon } from "./assert_soon.ts";

/** Scrolls the log, and returns the distance in px of the message with this text from the top of the screen. */
async function topOf(text: string, { log }: ChatPage, scrollTop?: number): Promise<number> {
  return await log.evaluate((list, { text, scrollTop }) => {
    list.scrollTop = scrollTop ?? list.scrollTop;
    const shown = [...list.querySelectorAll(".text")].find((one) => one.textContent === text);
    return Math.round(shown?.getBoundingClientRect().top ?? NaN);
  }, { text, scrollTop });
}

/** Sends a number of texts to the lobby as bob: `text 1`, `text 2`, … */
async function sayAll(url: string, count: number): Promise<string[]> {
  using remote = new RemoteChat(url);
  const bob = await remote.signIn("bob");
  const texts = Array.from({ length: count }, (_, n) => `text ${n + 1}`);
  for (const text of texts) await bob.say("room:lobby", text);
  return texts;
}

Deno.test(
  "[U7] scrolling up loads earlier messages without moving the visible ones",
  withChat(async (chat) => {
    const texts = await sayAll(chat.url, 120);
    const alice = await chat.signIn("alice");
    await alice.sees(...texts.slice(70));

    const before = await topOf("text 71", alice, 100);
    await alice.sees(...texts.slice(20));
    const after = await topOf("text 71", alice);
    await alice.log.evaluate((list) => list.scrollTop = 0);
    await alice.sees(...texts);

    assertEquals(after, before);
    await alice.log.getByText("This is the start of the conversation.").waitFor();
  }),
);

Deno.test(
  "[U7] while earlier messages are visible, new ones are counted and move nothing",
  withChat(async (chat) => {
    const texts = await sayAll(chat.url, 40);
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    await alice.sees(...texts);
    const before = await topOf("text 20", alice, 300);
    await alice.button("Jump to latest").waitFor();

    await bob.say("newest");
    await alice.button("1 new message").waitFor();

    await assertSoon(() => topOf("text 20", alice), before);
    await alice.button("1 new message").click();
    await assertSoon(() => alice.button("Jump to latest").count(), 0);
    await alice.sees(...texts, "newest");
  }),
);

Deno.test(
  "[U187] scrolling up from the newest message in small steps is not undone; a new message leads back",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    for (let n = 1; n <= 30; n++) await bob.say("room:lobby", `text ${n}`);
    const alice = await chat.signIn("alice", { viewport: { width: 1000, height: 500 } });
    const distance = () =>
      alice.log.evaluate((log) => Math.round(log.scrollHeight - log.clientHeight - log.scrollTop));
    await alice.log.getByText("text 30").waitFor();
    await assertSoon(distance, 0);

    await alice.log.hover();
    for (let step = 1; step <= 4; step++) {
      await alice.page.mouse.wheel(0, -10);
      await assertSoon(distance, 10 * step);
    }
    await bob.say("room:lobby", "a new one");
    await alice.log.getByText("a new one").waitFor();
    await assertSoon(distance, 0);
    for (let step = 1; step <= 6; step++) {
      await alice.page.mouse.wheel(0, -10);
      await assertSoon(distance, 10 * step);
    }
    await bob.say("room:lobby", "another one");
    await alice.log.getByText("another one").waitFor({ state: "attached" });

    assertEquals(await distance() > 60, true);
  }),
);
