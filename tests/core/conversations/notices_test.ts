import { assertEquals } from "@std/assert";
import type { Session } from "../../../server/core/model/session.ts";
import { TestHub } from "../../support/hub.ts";

/** What a session has open, in short: channel, read position, unread messages. */
async function openOf(hub: TestHub, session: Session) {
  const { conversations } = await hub.hub.conversations.list(session);
  return conversations.map(({ channel, readUpTo, unread }) => [channel, readUpTo, unread]);
}

Deno.test("[D30] a notice to a session opens its notices, in which earlier ones are not unread", async () => {
  await using hub = await TestHub.open();
  const alice = await hub.signIn("alice");
  const notify = (to: string) => hub.hub.publishing.publish("shop", [{ to, text: "hello" }]);
  const to = `session:${alice.publicToken}`;
  await notify("everyone");
  assertEquals(await openOf(hub, alice), []);

  await notify(to);
  await notify(to);
  assertEquals(await openOf(hub, alice), [["notice", 1, 2]]);
  await hub.hub.conversations.close(alice, "notice");
  await notify(to);

  assertEquals(await openOf(hub, alice), [["notice", 3, 1]]);
});
