import { assertEquals } from "@std/assert";
import { RemoteChat } from "../support/remote_chat.ts";
import { type BrowserChat, withChat } from "./browser_chat.ts";
import type { ChatPage } from "./chat_page.ts";
import { accessibilityViolations } from "./accessibility.ts";
import { assertSoon } from "./assert_soon.ts";
import { overflows } from "./overflows.ts";
import { REFUSAL } from "./chat_page.ts";

/** Fills the lobby with all kinds of messages, so that every part of the page is visible. */
async function fill({ url }: BrowserChat, alice: ChatPage): Promise<void> {
  using remote = new RemoteChat(url);
  const bob = await remote.signIn("bob");
  await bob.poll({ channels: ["room:lobby"] });
  await bob.say("room:lobby", "Have you seen the comet?");
  await bob.send({ channel: "room:lobby", data: { magnitude: 2.1, tail: "x".repeat(200) } });
  await bob.say("room:lobby", "w".repeat(300));
  await bob.say(`direct:${await alice.publicToken()}`, "psst");
  await alice.say("Not yet!");
  await alice.log.getByLabel("Sent", { exact: true }).waitFor();
}

for (const colorScheme of ["light", "dark"] as const) {
  Deno.test(
    `[U19] the page has no accessibility violations in ${colorScheme}`,
    withChat(async (chat) => {
      chat.errors.expect("refusal");
      const alice = await chat.visit({ colorScheme, reducedMotion: "reduce" });
      const atSignIn = await accessibilityViolations(alice.page);
      await alice.signIn("alice");
      await fill(chat, alice);
      await assertSoon(() => alice.people(), ["alice", "bob"]);
      await alice.page.route("**/api/messages", (route) => route.fulfill(REFUSAL), { times: 1 });
      await alice.say("This will not do.");
      await alice.button("Try again").waitFor();

      assertEquals(atSignIn, []);
      await assertSoon(() => accessibilityViolations(alice.page), []);
    }),
  );
}

Deno.test(
  "[U20] on a screen of 320 pixels nothing is cut off or scrolls sideways",
  withChat(async (chat) => {
    const alice = await chat.visit({ viewport: { width: 320, height: 568 }, hasTouch: true });

    assertEquals(await overflows(alice), [], "signing in");
    await alice.signIn("a".repeat(64));
    await alice.select("Lobby");
    await fill(chat, alice);
    assertEquals(await overflows(alice), [], "the conversation");
    await alice.page.getByRole("button", { name: "Show people" }).click();
    await assertSoon(() => alice.people(), ["a".repeat(64), "bob"]);
    assertEquals(await overflows(alice), [], "the people");
    await alice.button("Back to conversation").click();
    await alice.button("Back to conversations, 1 unread").click();
    await alice.conversation("bob").waitFor();
    assertEquals(await overflows(alice), [], "the list of conversations");
  }),
);

Deno.test(
  "[U21] an injected script is not executed",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");

    await alice.page.evaluate(() => {
      const script = document.createElement("script");
      script.textContent = "executed++";
      document.body.append(script);
      const picture = document.createElement("div");
      picture.innerHTML = `<img src="data:," onerror="executed++">`;
      document.body.append(picture);
    });

    // The browser reports each violation as an event and on the console.
    const reported = () =>
      Promise.resolve(chat.errors.all.map((error) => error.split(":")[0]).sort());
    await assertSoon(reported, ["console", "console", "violation", "violation"]);
    await assertSoon(() => alice.page.evaluate("executed"), 0);
    chat.errors.all.length = 0;
  }),
);

for (const reducedMotion of ["reduce", "no-preference"] as const) {
  Deno.test(
    `[U60] while someone is typing, ${
      reducedMotion === "reduce" ? "nothing moves with reduced motion" : "dots move"
    }`,
    withChat(async (chat) => {
      using remote = new RemoteChat(chat.url);
      const bob = await remote.signIn("bob");
      const alice = await chat.signIn("alice", { reducedMotion });
      const moves = async () => {
        await bob.request("POST", "/api/signals", { channel: "room:lobby", type: "typing" });
        await alice.page.getByText("bob is typing").waitFor();
        return await alice.page.evaluate(() => document.getAnimations().length > 0);
      };

      await assertSoon(moves, reducedMotion === "no-preference");
    }),
  );
}

Deno.test(
  "[U101] the symbol of each conversation stands in its own square",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    await alice.conversation("Notices").waitFor();

    const offsets = await alice.page.locator(".conversation-item .room-avatar").evaluateAll((all) =>
      all.map((square) => {
        const range = document.createRange();
        range.selectNodeContents(square);
        const [symbol, box] = [range.getBoundingClientRect(), square.getBoundingClientRect()];
        return Math.round((symbol.left + symbol.right - box.left - box.right) / 4);
      })
    );

    assertEquals(offsets, [0, 0]);
  }),
);
