import { assertEquals, assertMatch } from "@std/assert";
import { renewEpoch } from "../../server/stores/sqlite/sqlite_files.ts";
import { withChat } from "./browser_chat.ts";
import { assertSoon } from "./assert_soon.ts";
import { overflows } from "./overflows.ts";

Deno.test(
  "[U13] the strip shows when the next retry is, and a button retries at once",
  withChat(async (chat) => {
    const alice = await chat.visit();
    // With a paused clock no retry happens by itself.
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
  "[U13] the strip stands above all panes, and neither touches the edge nor covers anything",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice", { viewport: { width: 1000, height: 700 } });
    await chat.kill();
    await alice.button("Retry now").first().waitFor();

    for (const width of [1400, 720, 320]) {
      await alice.page.setViewportSize({ width, height: 700 });
      // While it tries again, there is no button.
      const isInPlace = () =>
        alice.page.locator(".connection-strip").evaluate((strip) => {
          const right = strip.querySelector("button")?.getBoundingClientRect().right ?? NaN;
          const tops = [...document.querySelectorAll(".sidebar, section.conversation")]
            .filter((one) => one.checkVisibility()).map((one) => one.getBoundingClientRect().top);
          const { bottom } = strip.getBoundingClientRect();
          return innerWidth - right >= 8 && bottom > 20 && Math.min(...tops) === bottom;
        });
      await assertSoon(isInPlace, true);
      assertEquals(await overflows(alice), []);
    }
  }),
);

Deno.test(
  "[U13] nothing of the connection is shown while it holds",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    const height = () =>
      alice.page.locator(".connection-strip").evaluate((it) => it.getBoundingClientRect().height);
    assertEquals(await height(), 0);
    await chat.kill();
    await assertSoon(async () => await height() > 20, true);

    await chat.restart();

    await alice.isConnected();
    await assertSoon(height, 0);
  }),
);

Deno.test(
  "[U13] the strip shows that the browser is offline, and reconnects when it is online",
  withChat(async (chat) => {
    chat.errors.expect("network");
    const alice = await chat.signIn("alice");

    await alice.page.context().setOffline(true);
    await assertSoon(() => alice.badge.textContent(), "Offline");
    await alice.page.context().setOffline(false);

    await alice.isConnected();
  }),
);

Deno.test(
  "[C54] a page of a gate in place of one poll shows in the badge, and the user stays signed in",
  withChat(async (chat) => {
    chat.errors.expect("refusal");
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    await alice.isConnected();
    const gate = { status: 401, contentType: "text/html", body: "<h1>Sign in</h1>" };

    await alice.page.route("**/api/poll", (route) => route.fulfill(gate), { times: 1 });
    await bob.say("hello");
    await bob.say("are you there?");

    await alice.log.getByText("are you there?").waitFor();
    await alice.isConnected();
  }),
);

Deno.test(
  "[C54] after five seconds of a proxy's 404 the message that was written meanwhile is sent once",
  withChat(async (chat) => {
    chat.errors.expect("refusal");
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    await alice.isConnected();
    const missing = { status: 404, contentType: "text/html", body: "<h1>404</h1>" };

    await alice.page.route("**/api/**", (route) => route.fulfill(missing));
    await alice.say("written meanwhile");
    await alice.page.waitForTimeout(5_000);
    await alice.page.unroute("**/api/**");

    await bob.log.getByText("written meanwhile").waitFor();
    await alice.isConnected();
    assertEquals(await bob.texts(), ["written meanwhile"]);
  }),
);

Deno.test(
  "[U14] after kill -9 during a conversation both stay signed in, and no message is missing or doubled",
  withChat(async (chat) => {
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    const numbers = Array.from({ length: 12 }, (_, n) => n + 1);
    const sendAll = async () => {
      for (const n of numbers) {
        await Promise.all([alice.say(`alice ${n}`), bob.say(`bob ${n}`)]);
      }
    };
    const sending = sendAll();
    await bob.log.getByText("alice 4").waitFor();

    await chat.kill();
    await chat.restart();
    await sending;
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
  "[U22] a gap is shown between the messages until the user dismisses it",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    await alice.say("before");
    await chat.kill();
    renewEpoch(chat.database);
    await chat.restart();
    await alice.isConnected();

    const gap = alice.log.getByText("Some messages may be missing here");
    await gap.waitFor();
    await alice.log.getByText("before").waitFor();
    await alice.button("OK").click();

    await gap.waitFor({ state: "detached" });
    await assertSoon(() => alice.log.getByText("before").count(), 1);
  }),
);
