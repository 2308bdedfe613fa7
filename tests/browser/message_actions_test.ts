import { assert, assertEquals } from "@std/assert";
import type { Locator } from "playwright-core";
import { assertSoon } from "./assert_soon.ts";
import { withChat } from "./browser_chat.ts";
import type { ChatPage } from "./chat_page.ts";

function messageOf({ log }: ChatPage, n: number): Locator {
  return log.locator(".message").filter({ hasText: `text ${n}` });
}

Deno.test(
  "[U186] the actions of a message are below it where the top of the list would cut them off",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice", { viewport: { width: 1000, height: 500 } });
    const texts = Array.from({ length: 30 }, (_, n) => `text ${n}`);
    for (const text of texts) await alice.say(text);
    await alice.sees(...texts);
    await assertSoon(() => alice.log.getByLabel("Not sent yet").count(), 0);
    const bar = alice.log.locator(".message-actions");
    const showBar = async (n: number) => {
      await messageOf(alice, n).hover({ position: { x: 5, y: 5 } });
      await bar.waitFor();
      const [list, shown, message] = await Promise.all(
        [alice.log, bar, messageOf(alice, n)].map((one) => one.boundingBox()),
      );
      assert(list && shown && message);
      return { isWhole: shown.y >= list.y, isAbove: shown.y < message.y };
    };

    assertEquals(await showBar(25), { isWhole: true, isAbove: true });
    await messageOf(alice, 10).evaluate((message) => message.scrollIntoView());

    assertEquals(await showBar(10), { isWhole: true, isAbove: false });
  }),
);

Deno.test(
  "[U186] the actions of a message that is higher than the list are at the top of what is visible of it",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice", { viewport: { width: 1000, height: 400 } });
    await alice.say(`text 1 ${"wonderful ".repeat(150)}`);
    await alice.sees(`text 1 ${"wonderful ".repeat(150)}`.trim());

    await messageOf(alice, 1).locator(".text").hover();

    const bar = alice.log.locator(".message-actions");
    await bar.waitFor();
    const [list, shown] = await Promise.all([alice.log, bar].map((one) => one.boundingBox()));
    assert(list && shown);
    assert(shown.y >= list.y && shown.y + shown.height <= list.y + list.height);
  }),
);
