import { assertEquals } from "@std/assert";
import { RemoteChat } from "../support/remote_chat.ts";
import { withChat } from "./browser_chat.ts";
import { assertSoon } from "./assert_soon.ts";
import { REFUSAL } from "./chat_page.ts";
import { PROBLEM_TYPE } from "../../server/protocol/refusal.ts";

Deno.test(
  "[U11] a message is shown as not sent yet until the server has it",
  withChat(async (chat) => {
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    await chat.kill();

    await alice.say("patience");
    await assertSoon(() => alice.delivery("patience"), "Not sent yet");
    await chat.restart();

    await assertSoon(() => alice.delivery("patience"), "Sent");
    await bob.sees("patience");
  }),
);

Deno.test(
  "[U11] a rejected message shows the reason and can be discarded",
  withChat(async (chat) => {
    chat.errors.expect("refusal");
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    await alice.openDirect("bob");
    await bob.signOut();
    await bob.nameField.waitFor();

    await alice.say("are you there?");

    const refused = alice.log.getByRole("alert");
    await refused.getByText("This person has signed out.").waitFor();
    await assertSoon(() => alice.button("Try again").count(), 0);
    await alice.button("Discard").click();
    await alice.sees();
  }),
);

Deno.test(
  "[U11] a rejected message can be sent again",
  withChat(async (chat) => {
    chat.errors.expect("refusal");
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    await alice.page.route("**/api/messages", (route) => route.fulfill(REFUSAL), { times: 1 });

    await alice.say("once more");
    await alice.button("Try again").click();

    await assertSoon(() => alice.delivery("once more"), "Sent");
    await bob.sees("once more");
  }),
);

Deno.test(
  "[U434] who has scrolled up stays there while unsent messages are sent one after the other",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    for (let n = 1; n <= 60; n++) await bob.say("room:lobby", `text ${n}`);
    const alice = await chat.signIn("alice");
    await alice.log.getByText("text 60", { exact: true }).waitFor();
    const held = Promise.withResolvers<void>();
    await alice.page.route("**/api/messages", async (route) => {
      await held.promise;
      await route.continue();
    });
    const own = ["one", "two", "three"];
    for (const text of own) await alice.say(text);
    await assertSoon(() => alice.log.getByLabel("Not sent yet").count(), 3);
    const read = alice.log.getByText("text 40", { exact: true });
    await read.evaluate((text) => text.scrollIntoView());
    await alice.button("Jump to latest").waitFor();
    const placeOf = async () => (await read.boundingBox())?.y;
    const before = await placeOf();

    held.resolve();
    await assertSoon(() => alice.log.getByLabel("Not sent yet").count(), 0);

    assertEquals(await placeOf(), before);
  }),
);

for (const width of [320, 390, 900, 1280]) {
  Deno.test(
    `[U74] "Try again" and "Discard" stand side by side, ${width} px wide`,
    withChat(async (chat) => {
      chat.errors.expect("refusal");
      const alice = await chat.signIn("alice", { viewport: { width, height: 720 } });
      await alice.page.goto(`${chat.url}/#room:lobby`);
      const problem = JSON.parse(REFUSAL.body);
      let code = "";
      await alice.page.route("**/api/messages", (route) => {
        const body = JSON.stringify({ ...problem, type: PROBLEM_TYPE + code, code });
        return route.fulfill({ ...REFUSAL, body });
      });

      // From the shortest reason to the longest one.
      for (code of ["text_too_long", "invalid_request", "not_allowed"]) {
        await alice.say("hello");

        const tops = await Promise.all(["Try again", "Discard"].map(async (name) => {
          return (await alice.button(name).boundingBox())?.y;
        }));
        assertEquals([code, tops[0]], [code, tops[1]]);
        await alice.button("Discard").click();
      }
    }),
  );
}

Deno.test(
  "[U12] a message whose reply was lost is sent once",
  withChat(async (chat) => {
    chat.errors.expect("network");
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    await alice.page.route("**/api/messages", async (route) => {
      await route.fetch();
      await route.abort();
    }, { times: 1 });

    await alice.say("once");
    await assertSoon(() => alice.delivery("once"), "Sent");
    await alice.say("and on");

    await alice.sees("once", "and on");
    await bob.sees("once", "and on");
  }),
);

Deno.test(
  "[U12] messages that are written while the server is killed are sent once and in order",
  withChat(async (chat) => {
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    const texts = Array.from({ length: 30 }, (_, n) => `text ${n + 1}.`);

    const said = (async () => {
      for (const text of texts) await alice.say(text);
    })();
    await bob.log.getByText("text 3.").waitFor();
    await chat.kill();
    await said;
    await chat.restart();

    await bob.sees(...texts);
    await alice.sees(...texts);
    await assertSoon(() => alice.log.getByLabel("Sent", { exact: true }).count(), texts.length);
    await assertSoon(() => bob.page.getByRole("alert").count(), 0);
  }),
);
