import { withChat } from "./browser_chat.ts";
import type { ChatPage } from "./chat_page.ts";
import { assertSoon } from "./soon.ts";

const TEXTS = ["one", "two", "three", "four", "five"];

/** The page can be loaded, and nothing else can be reached. */
async function cutOff({ page }: ChatPage): Promise<void> {
  await page.context().route("**/api/**", (route) => route.abort());
}

async function reconnect({ page }: ChatPage): Promise<void> {
  await page.context().unroute("**/api/**");
  await page.getByRole("button", { name: "Retry now" }).first().click({ timeout: 2_000 })
    .catch(() => {}); // It may have come back by itself.
}

Deno.test(
  "[U36] what could not be sent survives a reload, and goes out once and in order",
  withChat(async (chat) => {
    chat.faults.isServerAway = true;
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
    await cutOff(alice);
    await alice.page.context().setOffline(false);
    await alice.page.reload();
    await alice.sees(...TEXTS);
    await assertSoon(() => alice.delivery("one"), "Not sent yet");
    await reconnect(alice);

    await bob.sees(...TEXTS);
    await alice.sees(...TEXTS);
    await assertSoon(() => alice.log.getByLabel("Sent", { exact: true }).count(), TEXTS.length);
    await alice.page.reload();
    await alice.sees(...TEXTS);
  }),
);

Deno.test(
  "[U36] what several windows could not send goes out once, whichever of them sends it",
  withChat(async (chat) => {
    chat.faults.isServerAway = true;
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    const second = await alice.secondWindow();
    await cutOff(alice);

    const said: string[] = [];
    const say = async (text: string, [here, there]: readonly [ChatPage, ChatPage]) => {
      await here.say(text);
      said.push(text);
      // What the other window writes next comes after it.
      await there.sees(...said);
    };
    for (const text of TEXTS) {
      await say(`${text} here`, [alice, second]);
      await say(`${text} there`, [second, alice]);
    }
    await alice.page.close();
    await reconnect(second);

    await bob.sees(...said);
    await second.sees(...said);
  }),
);

Deno.test(
  "[U36] what was refused stays refused after a reload, until one tries again or discards it",
  withChat(async (chat) => {
    chat.faults.areRefusalsExpected = true;
    const alice = await chat.signIn("alice");
    const refusal = { status: 403, contentType: "application/problem+json", body: "{}" };
    await alice.page.route("**/api/messages", (route) => route.fulfill(refusal), { times: 1 });
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
