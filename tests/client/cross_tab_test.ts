import { assertEquals, assertNotEquals } from "@std/assert";
import { groupName } from "../../client/comet/cross_tab/group_name.ts";
import { stopClock } from "../support/clock.ts";
import { openFakeBrowser } from "./support/browser.ts";
import { openPage } from "./support/page.ts";
import { cursorOf, fixRandom, message, openReader, stateNamed } from "./support/reader.ts";
import { openServer, problem, reply, type ScriptedServer } from "./support/scripted_server.ts";

Deno.test("[C33] the first tab polls, for the rooms of all tabs and under one name", async () => {
  using _browser = openFakeBrowser();
  await using server = await openServer();
  using tea = openTab(server, ["room:tea"]);
  using milk = openTab(server, ["room:milk"]);

  tea.startWaiting();
  const alone = await server.next();
  milk.startWaiting();
  await alone.aborted;
  const together = await server.next();
  together.answer(reply());
  const next = await server.next();

  assertEquals([alone.body.channels, alone.body.hold], [["room:tea"], 0]);
  assertEquals(next.body.channels, ["room:tea", "room:milk"]);
  assertEquals([together.body.tab, next.body.tab], [alone.body.tab, alone.body.tab]);
});

Deno.test("[C39] each tab delivers the messages of its own rooms, and those to the session", async () => {
  using _browser = openFakeBrowser();
  await using server = await openServer();
  using tea = openTab(server, ["room:tea"]);
  using milk = openTab(server, ["room:cafe\u0301"]);
  const delivered: string[] = [];
  tea.on("message", ({ text }) => delivered.push(`tea: ${text}`));
  milk.on("message", ({ text }) => delivered.push(`milk: ${text}`));

  await gather(server, tea, milk);
  const arrived = [tea, milk].map((client) => cursorOf(client, "c2"));
  (await server.next()).answer(reply({
    cursor: "c2",
    messages: [
      message(1, "one"),
      { ...message(2, "two"), channel: "room:caf\u00e9" },
      { ...message(3, "three"), channel: "direct:alice:bob" },
    ],
  }));
  await Promise.all(arrived);

  assertEquals(delivered.sort(), ["milk: three", "milk: two", "tea: one", "tea: three"]);
});

Deno.test("[C40] a tab's state is that of the shared poll, and any tab can skip its delay", async () => {
  using _browser = openFakeBrowser();
  using _random = fixRandom(1);
  await using server = await openServer();
  using leader = openTab(server);
  using follower = openTab(server);
  await gather(server, leader, follower);

  const waiting = stateNamed(follower, "waiting");
  (await server.next()).answer(...problem(503, "closing", { "retry-after": "3600" }));
  assertEquals(await waiting, leader.state);
  const connected = stateNamed(follower, "connected");
  follower.tryNow();
  (await server.next()).answer(reply());

  await connected;
});

for (
  const [status, code, reason] of [[401, "not_signed_in", "signed_out"], [
    422,
    "invalid_request",
    "refused",
  ]] as const
) {
  Deno.test(`[C40] a final error of the poll stops all tabs: ${reason}`, async () => {
    using _browser = openFakeBrowser();
    await using server = await openServer();
    using leader = openTab(server);
    using follower = openTab(server);
    await gather(server, leader, follower);

    const stopped = stateNamed(follower, "stopped");
    (await server.next()).answer(...problem(status, code));
    const { reason: why, problem: what } = await stopped;

    assertEquals([why, what?.code, what?.status], [reason, code, status]);
    assertEquals(leader.state.name, "stopped");
  });
}

Deno.test("[C40] a sign-out in one tab stops all", async () => {
  using _browser = openFakeBrowser();
  await using server = await openServer();
  using leader = openTab(server);
  using follower = openTab(server);
  await gather(server, leader, follower);
  const parked = await server.next();

  const stopped = stateNamed(leader, "stopped");
  const signingOut = follower.signOut();
  (await server.next()).answer("");
  await signingOut;

  assertEquals((await stopped).reason, "signed_out");
  await parked.aborted;
});

Deno.test("[C41] a frozen page leaves the group, and joins it again from the same cursor", async () => {
  using clock = stopClock();
  using browser = openFakeBrowser();
  await using server = await openServer();
  using alice = openTab(server);
  alice.startWaiting();
  await clock.pass(0);
  (await server.next()).answer(reply({ cursor: "c1" }));
  const parked = await server.next();

  browser.page.dispatch("pagehide");
  await parked.aborted;
  await clock.pass(60_000);
  assertEquals(server.waiting, 0);
  browser.page.dispatch("pageshow");

  assertEquals((await server.next()).body.cursor, "c1");
});

Deno.test("[C44] the turns of a browser rise even if its clock is set back", async () => {
  using clock = stopClock();
  using _browser = openFakeBrowser();
  await using server = await openServer();
  using first = openTab(server);
  first.startWaiting();
  const before = await server.next();
  first.stopWaiting();

  clock.jump(-3_600_000);
  using second = openTab(server);
  second.startWaiting();
  const after = await server.next();

  assertEquals(after.body.turn, (before.body.turn ?? 0) + 1);
});

Deno.test("[C44] a poll that another tab of the browser has superseded is sent again after a second", async () => {
  using clock = stopClock();
  using browser = openFakeBrowser();
  await using server = await openServer();
  using alice = openTab(server);
  alice.startWaiting();
  const first = await server.next();

  for (const key of browser.storage.keys()) {
    if (key.startsWith("halley.turn.")) browser.storage.set(key, String(Date.now() + 5));
  }
  const before = Date.now();
  first.answer(reply({ outcome: "cancelled", reason: "superseded" }));
  while (server.waiting === 0) await clock.pass(100);

  assertEquals(Date.now() - before >= 1_000, true);
  assertEquals(Number((await server.next()).body.turn) > before + 5, true);
});

Deno.test("[C44] a poll that another browser has superseded stops all tabs", async () => {
  using _browser = openFakeBrowser();
  await using server = await openServer();
  using leader = openTab(server);
  using follower = openTab(server);
  await gather(server, leader, follower);

  const stopped = stateNamed(follower, "stopped");
  (await server.next()).answer(reply({ outcome: "cancelled", reason: "superseded" }));

  assertEquals([(await stopped).reason, leader.state.name], ["superseded", "stopped"]);
});

Deno.test("[C45] the private token is neither posted to other tabs nor stored", async () => {
  using browser = openFakeBrowser();
  await using server = await openServer();
  using leader = openTab(server);
  using follower = openTab(server);

  await gather(server, leader, follower);

  const visible = JSON.stringify([browser.posted, [...browser.storage]]);
  assertEquals(visible.includes("room:tea"), true);
  assertEquals(visible.includes("secret"), false);
});

Deno.test("[C45] tabs with another token or another server are in another group", () => {
  const own = groupName({ url: "https://halley.test/chat/", owner: "one" });

  assertEquals(groupName({ url: new URL("https://halley.test/chat"), owner: "one" }), own);
  assertNotEquals(groupName({ url: "https://halley.test/chat", owner: "two" }), own);
  assertNotEquals(groupName({ url: "https://halley.test/", owner: "one" }), own);
});

Deno.test("[C58] tabs with two tokens, or two addresses of one server, poll apart and under other names", async () => {
  using _browser = openFakeBrowser();
  await using server = await openServer();
  const localhost = server.url.replace("127.0.0.1", "localhost");
  using one = openTab(server);
  using other = openTab(server, undefined, { privateToken: "fresh" });
  using third = openTab(server, undefined, { url: localhost });

  const tabs = new Set<unknown>();
  for (const client of [one, other, third]) {
    client.startWaiting();
    tabs.add((await server.next()).body.tab);
  }

  assertEquals(tabs.size, 3);
});

Deno.test("[C58] an address counts as the same on every page of a folder, however it is spelt", () => {
  using _browser = openFakeBrowser();
  const groups = ["/a.html", "/b.html?c#d"].flatMap((page) => {
    Object.assign(document, { baseURI: `https://halley.test${page}` });
    return ["", "/", "https://HALLEY.test:443", new URL("https://halley.test")]
      .map((url) => groupName({ url, owner: "one" }));
  });

  assertEquals(new Set(groups).size, 1);
});

for (const options of [{ share: false }, { tab: "t1" }]) {
  Deno.test(`[C46] with ${JSON.stringify(options)} a tab polls for itself`, async () => {
    using browser = openFakeBrowser();
    await using server = await openServer();
    using one = openTab(server, ["room:tea"], options);
    using two = openTab(server, ["room:tea"], options);

    one.startWaiting();
    two.startWaiting();
    await server.next();
    await server.next();

    assertEquals([browser.posted, browser.storage.size], [[], 0]);
  });
}

Deno.test("[C46] a client polls for itself outside of pages, and where storage is forbidden", async () => {
  await using server = await openServer();
  using program = openTab(server);
  program.startWaiting();
  const outside = await server.next();

  using _page = openPage();
  const storage = Object.getOwnPropertyDescriptor(globalThis, "localStorage");
  Object.defineProperty(globalThis, "localStorage", {
    get() {
      throw new DOMException("Storage is forbidden", "SecurityError");
    },
    configurable: true,
  });
  using page = openTab(server);
  page.startWaiting();
  const { body } = await server.next();
  if (storage) Object.defineProperty(globalThis, "localStorage", storage);

  assertNotEquals(body.tab, outside.body.tab);
});

/** A client as in a page: it shares its poll, unless `options` say otherwise. */
function openTab(server: ScriptedServer, channels = ["room:tea"], options: object = {}) {
  return openReader(server, { channels, ...withoutTab, ...options });
}

const withoutTab: object = { tab: undefined };

/** Starts two tabs. The first one leads, and both are connected, at `c1`. */
async function gather(
  server: ScriptedServer,
  leader: ReturnType<typeof openTab>,
  follower: ReturnType<typeof openTab>,
): Promise<void> {
  leader.startWaiting();
  const alone = await server.next();
  const connected = stateNamed(follower, "connected");
  follower.startWaiting();
  if (follower.channels.join() === leader.channels.join()) alone.answer(reply());
  else {
    await alone.aborted;
    (await server.next()).answer(reply());
  }
  await connected;
}
