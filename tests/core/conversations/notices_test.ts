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

Deno.test("[D31] each of a user's first requests finds the notices that wait, however close they are", async () => {
  await using hub = await TestHub.open();
  const { accounts, sessions, publishing } = hub.hub;
  for (let turns = 0; turns < 6; turns++) {
    const userId = `${turns}`;
    const to = `user:${userId}`;
    const [first] = await publishing.publish("shop", [{ to, text: "one" }, { to, text: "two" }]);
    const publicToken = await sessions.tokenOf(userId);
    const at = Date.now();
    const times = { issuedAt: at, checkedAt: at, expires: at + 60_000 };
    const claims = { publicToken, displayName: "alice", userId, ...times };

    const found = await Promise.all([0, turns].map(async (wait) => {
      for (let turn = 0; turn < wait; turn++) await new Promise((resolve) => setImmediate(resolve));
      return await openOf(
        hub,
        sessions.cachedForClaims(claims) ?? await accounts.sessionForClaims(claims),
      );
    }));

    const readUpTo = (first?.message.id ?? 0) - 1;
    assertEquals(found, Array(2).fill([["notice", readUpTo, 2]]), `after ${turns} turns`);
  }
});
