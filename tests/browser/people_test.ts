import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { RemoteChat } from "../support/remote_chat.ts";
import { withChat } from "./browser_chat.ts";
import type { ChatPage } from "./chat_page.ts";
import { assertSoon } from "./assert_soon.ts";

/** From now on, replies to the page say that a person has left this time (ms) ago. */
async function leave({ page }: ChatPage, other: ChatPage, ago: number): Promise<void> {
  const token = await other.publicToken();
  await page.route("**/presence", async (route) => {
    const response = await route.fetch();
    const { present, total } = await response.json();
    const left = { state: "offline", lastSeen: Date.now() - ago };
    const changed = present.map((one: { publicToken: string }) =>
      one.publicToken === token ? { ...one, ...left } : one
    );
    await route.fulfill({ response, json: { present: changed, total } });
  });
}

Deno.test(
  "[U38] a direct conversation shows whether the other person is online, and when they were last seen",
  withChat(async (chat) => {
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    const presence = alice.page.locator(".heading .presence");

    await alice.openDirect("bob");
    await assertSoon(() => presence.textContent(), " online");
    await leave(alice, bob, 5 * 60_000 + 45_000);
    await alice.select("Lobby");
    await alice.select("bob");

    await assertSoon(() => presence.textContent(), " last seen 5 minutes ago");
    await alice.page.unrouteAll({ behavior: "wait" });
  }),
);

Deno.test(
  "[U39] people whose names look the same are distinguished wherever they are named",
  withChat(async (chat) => {
    const [bob, other] = [await chat.signIn("Bob"), await chat.signIn("bob")];
    const alice = await chat.signIn("alice");
    const marks = await Promise.all(
      [bob, other].map(async (one) => (await one.publicToken()).slice(-4)),
    );
    await bob.say("I am Bob");
    await alice.sees("I am Bob");
    await other.say("I am bob");
    await alice.sees("I am Bob", "I am bob");

    const people = alice.page.getByRole("region", { name: "People" });
    await assertSoon(() => alice.log.locator(".sender .name-mark").allTextContents(), marks);
    await assertSoon(
      async () => (await people.locator(".name-mark").allTextContents()).sort(),
      marks.toSorted(),
    );
    await other.openDirect("alice");
    await other.say("psst");

    const title = alice.page.locator(".conversation-item .title .name-mark");
    await assertSoon(() => title.allTextContents(), marks.slice(1));
    await assertSoon(
      () => people.getByText("alice").locator("..").locator(".name-mark").count(),
      0,
    );
  }),
);

Deno.test(
  "[U242] the people are one stop of Tab, between which arrow keys move",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    for (const name of ["bob", "carol", "dave"]) {
      await (await remote.signIn(name)).poll({ channels: ["room:lobby"] });
    }
    const alice = await chat.signIn("alice");
    await assertSoon(() => alice.people(), ["alice", "bob", "carol", "dave"]);
    const { keyboard } = alice.page;
    const focused = () => alice.page.evaluate(() => document.activeElement?.getAttribute("title"));
    await alice.page.getByTitle("Message bob").focus();

    await keyboard.press("ArrowDown");
    assertEquals(await focused(), "Message carol");
    await keyboard.press("Shift+Tab");
    assertNotEquals(await focused(), "Message bob");
    await keyboard.press("Tab");

    assertEquals(await focused(), "Message carol");
  }),
);

Deno.test(
  "[U40] while the server is down, no one is shown as online",
  withChat(async (chat) => {
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    await assertSoon(() => alice.people(), ["alice", "bob"]);
    assertNotEquals(await alice.page.locator(".presence-dot").count(), 0);

    await chat.kill();

    await assertSoon(() => alice.page.locator(".presence-dot").count(), 0);
    await assertSoon(() => alice.page.getByText("2 people").count(), 0);
    await assertSoon(() => alice.people(), ["alice", "bob"]);
    await chat.restart();
    await bob.isConnected();
    await alice.page.getByText("2 people").waitFor();
  }),
);

Deno.test(
  "[U41] the countdown to the next retry is visible, but not announced",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    const announced = alice.page.getByRole("status", { name: "Connection" });
    await alice.page.evaluate(() => {
      const said: string[] = [];
      Reflect.set(globalThis, "said", said);
      const status = document.querySelector(".connection [role=status]");
      const record = () => said.push(status?.textContent ?? "");
      const options = { childList: true, characterData: true, subtree: true };
      if (status) new MutationObserver(record).observe(status, options);
    });

    await chat.kill();
    await alice.badge.getByText(/^Retrying in \d s$/).waitFor();
    await assertSoon(() => announced.textContent(), "Reconnecting…");
    await chat.restart();
    await alice.isConnected();

    const said = await alice.page.evaluate((): string[] => Reflect.get(globalThis, "said"));
    assertEquals(said.filter((text) => /\d/.test(text)), []);
  }),
);

/** Sets the clock of a page, from its next load on. */
async function setClock({ page }: ChatPage, aheadMs: number): Promise<void> {
  await page.addInitScript((ahead) => {
    globalThis.Date = new Proxy(Date, {
      construct: (date, args) =>
        Reflect.construct(date, args.length === 0 ? [date.now() + ahead] : args),
      get: (date, key) => key === "now" ? () => date.now() + ahead : Reflect.get(date, key),
    });
  }, aheadMs);
}

for (const [name, days] of [["ahead", 1], ["behind", -1]] as const) {
  Deno.test(
    `[U68] times and their order follow the server's clock: this device is a day ${name}`,
    withChat(async (chat) => {
      const alice = await chat.visit();
      await setClock(alice, days * 24 * 3_600_000);
      await alice.page.reload();
      const bob = await chat.signIn("bob");
      const order = () => alice.page.locator(".conversation-item .title").allInnerTexts();

      await alice.signIn("alice");
      await bob.say("hello");
      await alice.sees("hello");
      await assertSoon(() => alice.log.locator(".day").allTextContents(), ["Today"]);
      const when = await alice.conversation("Lobby").locator(".when").innerText();
      assertMatch(when, /^\d+:\d\d\s[AP]M$/);
      await alice.joinRoom("tea");
      await assertSoon(order, ["tea", "Lobby", "Notices"]);
      await bob.say("hello again");
      await assertSoon(order, ["Lobby", "tea", "Notices"]);

      await leave(alice, bob, 10_000);
      await alice.select("Lobby");
      await alice.openDirect("bob");
      const presence = alice.page.locator(".heading .presence");
      await assertSoon(() => presence.textContent(), " last seen just now");
      await alice.page.unrouteAll({ behavior: "wait" });
    }),
  );
}
