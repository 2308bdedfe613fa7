import { assertEquals } from "@std/assert";
import type { CometClient } from "../../client/comet/halley.ts";
import { openFakeBrowser } from "./support/browser.ts";
import { cursorOf, message, openReader, stateNamed } from "./support/reader.ts";
import { openServer, reply, type ScriptedServer } from "./support/scripted_server.ts";

const NOTICES = [
  { ...message(1, "to all"), channel: "notice" },
  { ...message(2, "to alice"), channel: "notice:aliceAliceAlice_" },
];

Deno.test("[C70] a client receives notices unless it says that it does not", async () => {
  await using server = await openServer();
  using page = openReader(server);
  using widget = openReader(server, { tab: "t2", notices: false });

  page.startWaiting();
  const { body: taken } = await server.next();
  widget.startWaiting();
  const { body: refused } = await server.next();

  assertEquals(["notices" in taken, taken.channels], [false, ["room:tea"]]);
  assertEquals([refused.notices, refused.channels], [false, ["room:tea"]]);
});

Deno.test("[C70] notices can be joined and left, and are not among the rooms", async () => {
  await using server = await openServer();
  using widget = openReader(server, { notices: false, cursor: "c0" });
  widget.startWaiting();
  const first = await server.next();

  widget.join("notice");
  await first.aborted;
  const joined = await server.next();
  widget.leave("notice");
  await joined.aborted;
  const left = await server.next();

  assertEquals([joined.body.notices, joined.body.cursor], [undefined, "c0"]);
  assertEquals([joined.body.channels, widget.channels], [["room:tea"], ["room:tea"]]);
  assertEquals(left.body.notices, false);
});

Deno.test("[C70] a shared poll takes notices while one of the tabs does, and only that tab emits them", async () => {
  using _browser = openFakeBrowser();
  await using server = await openServer();
  using widget = openTab(server, { notices: false });
  const emitted = { widget: textsOf(widget), page: new Array<string>() };
  widget.startWaiting();
  const alone = await server.next();
  {
    using page = openTab(server);
    emitted.page = textsOf(page);
    const connected = stateNamed(page, "connected");
    page.startWaiting();
    await alone.aborted;
    (await server.next()).answer(reply({ cursor: "c1" }));
    await connected;
    const arrived = [widget, page].map((client) => cursorOf(client, "c2"));
    const shared = await server.next();
    shared.answer(reply({ cursor: "c2", messages: [...NOTICES, message(3, "in the room")] }));
    await Promise.all(arrived);

    assertEquals([alone.body.notices, shared.body.notices], [false, undefined]);
  }
  const together = await server.next();
  await together.aborted;
  const { body } = await server.next();

  assertEquals(emitted, {
    widget: ["in the room"],
    page: ["to all", "to alice", "in the room"],
  });
  assertEquals([body.notices, body.cursor], [false, "c2"]);
});

function openTab(server: ScriptedServer, options: object = {}): CometClient {
  return openReader(server, { ...WITHOUT_TAB, ...options });
}

const WITHOUT_TAB: object = { tab: undefined };

/** The texts of the messages that a client emits, as they come. */
function textsOf(client: CometClient): string[] {
  const texts: string[] = [];
  client.on("message", ({ text = "" }) => texts.push(text));
  return texts;
}
