import { assertEquals, assertRejects } from "@std/assert";
import { Refused } from "../../../server/core/model/refused.ts";
import type { Session } from "../../../server/core/model/session.ts";
import type { Signal } from "../../../server/protocol/signal.ts";
import { settle, stopClock } from "../../support/clock.ts";
import { TestHub } from "../../support/hub.ts";
import { WorkerHubs } from "../../support/worker_hubs.ts";

/** Reads the room tea in one tab; resolves with the signals of the reply. */
async function signals(hub: TestHub, session: Session, cursor: string): Promise<readonly Signal[]> {
  return (await hub.poll(session, { cursor, wantsSignals: true, tab: "other" })).signals;
}

Deno.test("[S6] a guest takes another name, and new messages have it", async () => {
  await using hub = await TestHub.open();
  const { privateToken } = await hub.hub.signIn("alice");
  const before = (await hub.hub.sessions.authenticate(privateToken))!;
  const old = await hub.say(before, "room:tea", "one");

  const renamed = await hub.hub.accounts.rename(before, " Alice  Liddell ");

  assertEquals(renamed.displayName, "Alice Liddell");
  const alice = (await hub.hub.sessions.authenticate(privateToken))!;
  const message = await hub.say(alice, "room:tea", "two");
  assertEquals([old.from?.displayName, message.from?.displayName], ["alice", "Alice Liddell"]);
  assertEquals(message.from?.publicToken, old.from?.publicToken);
  const { messages } = await hub.hub.history.page(alice, "room:tea", { limit: 50 });
  assertEquals(messages.map(({ from }) => from?.displayName), ["Alice Liddell", "alice"]);
});

Deno.test("[S6] a name that guests cannot sign in with is refused, and the old one stays", async () => {
  await using hub = await TestHub.open();
  const alice = await hub.signIn("alice");

  for (
    const [name, refusal] of [
      ["", "invalid_request"],
      ["a".repeat(65), "invalid_request"],
      ["Ѕystem", "name_reserved"],
    ] as const
  ) {
    const error = await assertRejects(() => hub.hub.accounts.rename(alice, name), Refused);
    assertEquals(error.refusal, refusal, name);
  }

  const found = await hub.store.sessions.findByPublicToken(alice.publicToken);
  assertEquals(found?.displayName, "alice");
});

Deno.test("[S7] the readers of a room and the session's other tabs get the new name", async () => {
  using _clock = stopClock();
  await using hub = await TestHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  const first = await hub.poll(alice, { tab: "other" });
  const bobs = await hub.poll(bob, { tab: "other" });
  assertEquals((await signals(hub, alice, first.cursor)).length, 1); // Bob is here.
  const own = signals(hub, alice, first.cursor);
  const others = signals(hub, bob, bobs.cursor);
  await settle();

  await hub.hub.accounts.rename(alice, "Alice");

  const told = ({ type, from }: Signal) => [type, from.publicToken, from.displayName];
  assertEquals((await own).map(told), [["renamed", alice.publicToken, "Alice"]]);
  assertEquals((await others).map(told), [["presence", alice.publicToken, "Alice"]]);
  const { present } = await hub.hub.channelPresence.list(bob, "room:tea");
  assertEquals(present.map(({ displayName }) => displayName).sort(), ["Alice", "bob"]);
});

Deno.test("[S7] other nodes use the new name", async () => {
  await using hubs = await WorkerHubs.open();
  const alice = await hubs.signIn("alice");
  const bob = await hubs.signIn("bob");
  const { cursor } = await hubs.right.poll(alice.right);
  const { cursor: bobs } = await hubs.right.poll(bob.right);
  const waiting = hubs.right.poll(bob.right, { cursor: bobs, wantsSignals: true });
  await settle();

  await hubs.left.hub.accounts.rename(alice.left, "Alice");

  assertEquals((await waiting).signals.map(({ from }) => from.displayName), ["Alice"]);
  const again = (await hubs.right.hub.sessions.authenticate(alice.privateToken))!;
  await hubs.right.poll(again, { cursor, hold: 0 });
  const message = await hubs.right.say(again, "room:tea", "hello");
  assertEquals(message.from?.displayName, "Alice");
});

Deno.test("[S7] a node that has missed the news takes the new name within a minute", async () => {
  using clock = stopClock();
  await using hub = await TestHub.open();
  const { privateToken, publicToken } = await hub.hub.signIn("alice");
  await hub.hub.sessions.authenticate(privateToken);
  // As another node does whose event gets lost.
  await hub.store.sessions.update([{ publicToken, lastSeen: 1, displayName: "Alice" }]);

  await clock.pass(61_000);
  await hub.hub.sessions.authenticate(privateToken);
  await settle();

  const found = await hub.hub.sessions.authenticate(privateToken);
  assertEquals(found?.displayName, "Alice");
});

Deno.test("[S8] a user of an application cannot take another name", async () => {
  await using hub = await TestHub.open();
  const { privateToken } = await hub.hub.signInUser("42", "alice");
  const alice = (await hub.hub.sessions.authenticate(privateToken))!;

  const error = await assertRejects(() => hub.hub.accounts.rename(alice, "Alice"), Refused);

  assertEquals(error.refusal, "not_allowed");
});
