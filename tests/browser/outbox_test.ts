import type { Locator } from "playwright-core";
import { withChat } from "./browser_chat.ts";
import type { ChatPage } from "./chat_page.ts";
import { assertSoon } from "./assert_soon.ts";
import { REFUSAL } from "./chat_page.ts";

const TEXTS = ["one", "two", "three", "four", "five"];

/** Blocks the API: only the page itself can be loaded. */
async function blockApi({ page }: ChatPage): Promise<void> {
  await page.context().route("**/api/**", (route) => route.abort());
}

async function unblockApi(person: ChatPage): Promise<void> {
  await person.page.context().unroute("**/api/**");
  await person.reconnect();
}

Deno.test(
  "[U36] unsent messages survive a reload, and are sent once and in order",
  withChat(async (chat) => {
    chat.errors.expect("network");
    const [alice, bob] = [await chat.visit(), await chat.signIn("bob")];
    await alice.page.clock.install();
    await alice.page.reload();
    await alice.signIn("alice");
    await alice.page.context().setOffline(true);
    await assertSoon(() => alice.badge.textContent(), "Offline");

    for (const text of TEXTS) await alice.say(text);
    await alice.sees(...TEXTS);
    await alice.page.clock.fastForward(30_000);
    await assertSoon(() => alice.badge.textContent(), "Offline");
    await assertSoon(() => alice.delivery("five"), "Not sent yet");
    await blockApi(alice);
    await alice.page.context().setOffline(false);
    await alice.page.reload();
    await alice.sees(...TEXTS);
    await assertSoon(() => alice.delivery("one"), "Not sent yet");
    await unblockApi(alice);

    await bob.sees(...TEXTS);
    await alice.sees(...TEXTS);
    await assertSoon(() => alice.log.getByLabel("Sent", { exact: true }).count(), TEXTS.length);
    await alice.page.reload();
    await alice.sees(...TEXTS);
  }),
);

Deno.test(
  "[U433] where the browser has no space to store messages, they are sent all the same",
  withChat(async (chat) => {
    const [alice, bob] = [await chat.visit(), await chat.signIn("bob")];
    const devTools = await alice.page.context().newCDPSession(alice.page);
    await devTools.send("Storage.overrideQuotaForOrigin", { origin: chat.url, quotaSize: 20_000 });
    await alice.page.reload();
    await alice.signIn("alice");

    for (const text of TEXTS) await alice.say(text);

    for (const page of [alice, bob]) await page.sees(...TEXTS);
  }),
);

Deno.test(
  "[U36] unsent messages of several windows are sent once, by any of them",
  withChat(async (chat) => {
    chat.errors.expect("network");
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    const second = await alice.secondWindow();
    await blockApi(alice);

    const said: string[] = [];
    const say = async (text: string, [here, there]: readonly [ChatPage, ChatPage]) => {
      await here.say(text);
      said.push(text);
      // The other window sends the next message: its order must be known.
      await there.sees(...said);
    };
    for (const text of TEXTS) {
      await say(`${text} here`, [alice, second]);
      await say(`${text} there`, [second, alice]);
    }
    await alice.page.close();
    await unblockApi(second);

    await bob.sees(...said);
    await second.sees(...said);
  }),
);

Deno.test(
  "[U36] a rejected message stays rejected after a reload, until the user sends or discards it",
  withChat(async (chat) => {
    chat.errors.expect("refusal");
    const alice = await chat.signIn("alice");
    await alice.page.route("**/api/messages", (route) => route.fulfill(REFUSAL), { times: 1 });
    await alice.say("once more");
    await alice.button("Try again").waitFor();

    await alice.page.reload();

    await alice.button("Try again").click();
    await assertSoon(() => alice.delivery("once more"), "Sent");
    await alice.page.reload();
    await alice.sees("once more");
    await assertSoon(() => alice.button("Try again").count(), 0);
  }),
);

Deno.test(
  "[U408] a message that the server has rejected is sent again, or discarded, from another tab, and shown so in both",
  withChat(async (chat) => {
    chat.errors.expect("refusal");
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    const second = await alice.secondWindow();
    for (const text of ["once more", "never"]) {
      await alice.page.route("**/api/messages", (route) => route.fulfill(REFUSAL), { times: 1 });
      await alice.say(text);
      await wayOut(second, text, "Try again").waitFor();
    }

    await wayOut(second, "never", "Discard").click();
    await wayOut(second, "once more", "Try again").click();

    await bob.sees("once more");
    for (const tab of [alice, second]) {
      await assertSoon(() => tab.delivery("once more"), "Sent");
      await tab.sees("once more");
    }
  }),
);

/** A button of an unsent message. */
function wayOut({ log }: ChatPage, text: string, name: string): Locator {
  const message = log.locator(".message").filter({ hasText: text });
  return message.locator(".choices").getByRole("button", { name });
}

Deno.test(
  "[U240] [U394] an unsent message is edited in the composer, with its button or the arrow key up, or discarded, and then sent once or never",
  withChat(async (chat) => {
    chat.errors.expect("network");
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    await bob.say("question");
    await alice.sees("question");
    await blockApi(alice);
    await alice.composer.press("Escape");
    await assertSoon(() => alice.composer.evaluate((field) => field.matches(":focus")), false);
    await alice.page.keyboard.press("r");
    await alice.say("anser");
    await alice.say("nonsense");
    await alice.say("junk");

    await wayOut(alice, "junk", "Discard").click();
    await alice.sees("question", "anser", "nonsense");
    await alice.composer.press("ArrowUp");
    await assertSoon(() => alice.composer.inputValue(), "nonsense");
    await alice.sees("question", "anser");
    await alice.composer.fill("draft");
    await wayOut(alice, "anser", "Edit").click();

    await alice.sees("question");
    await assertSoon(() => alice.composer.inputValue(), "anser\ndraft");
    await alice.page.keyboard.type("!");
    await alice.page.locator(".composer .quotation").getByText("question").waitFor();
    await alice.composer.press("Enter");
    await unblockApi(alice);
    await bob.sees("question", "anser\ndraft!");
    await alice.sees("question", "anser\ndraft!");
    await assertSoon(() => bob.log.locator(".quotation").allTextContents(), ["Youquestion"]);
  }),
);
