import { assertEquals, assertMatch } from "@std/assert";
import { renewEpoch } from "../../server/stores/sqlite/sqlite_files.ts";
import { withChat } from "./browser_chat.ts";
import { assertSoon } from "./soon.ts";

Deno.test(
  "[U13] the badge says when the next try is, and that can be now",
  withChat(async (chat) => {
    const alice = await chat.visit();
    // Its clock stands still: no pause ends by itself.
    await alice.page.clock.install();
    await alice.page.reload();
    await alice.signIn("alice");
    await alice.page.clock.pauseAt(Date.now() + 3_600_000);

    await chat.kill();
    await alice.button("Retry now").first().waitFor();
    assertMatch(await alice.badge.textContent() ?? "", /^Retrying in \d s$/);
    await chat.restart();
    await alice.button("Retry now").first().click();

    await alice.isConnected();
  }),
);

Deno.test(
  "[U13] the badge says that the browser is offline, and comes back when it is not",
  withChat(async (chat) => {
    chat.faults.isServerAway = true;
    const alice = await chat.signIn("alice");

    await alice.page.context().setOffline(true);
    await assertSoon(() => alice.badge.textContent(), "Offline");
    await alice.page.context().setOffline(false);

    await alice.isConnected();
  }),
);

Deno.test(
  "[U14] after kill -9 in mid-conversation both are signed in, and nothing is missing or doubled",
  withChat(async (chat) => {
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    const numbers = Array.from({ length: 12 }, (_, n) => n + 1);
    const talk = async () => {
      for (const n of numbers) {
        await Promise.all([alice.say(`alice ${n}`), bob.say(`bob ${n}`)]);
      }
    };
    const talked = talk();
    await bob.log.getByText("alice 4").waitFor();

    await chat.kill();
    await chat.restart();
    await talked;
    await alice.isConnected();
    await bob.isConnected();
    await alice.say("still here");

    const all = numbers.flatMap((n) => [`alice ${n}`, `bob ${n}`]).concat("still here").sort();
    for (const { log } of [alice, bob]) {
      const texts = async () => (await log.locator("[data-id] .text").allTextContents()).sort();
      await assertSoon(texts, all);
    }
    await assertSoon(() => bob.texts(), await alice.texts());
    for (const who of ["alice", "bob"]) {
      const said = (await bob.texts()).filter((text) => text.startsWith(`${who} `));
      assertEquals(said, numbers.map((n) => `${who} ${n}`));
    }
    await bob.page.reload();
    await bob.sees(...await alice.texts());
  }),
);

Deno.test(
  "[U22] a gap is told where one reads, with what is left, until one has seen it",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    await alice.say("before");
    await chat.kill();
    renewEpoch(chat.store);
    await chat.restart();
    await alice.isConnected();

    const told = alice.log.getByText("Some messages may be missing here");
    await told.waitFor();
    await alice.log.getByText("before").waitFor();
    await alice.button("OK").click();

    await told.waitFor({ state: "detached" });
    await assertSoon(() => alice.log.getByText("before").count(), 1);
  }),
);
