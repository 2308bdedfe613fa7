import { assertEquals, assertRejects } from "@std/assert";
import { Refused } from "../../server/core/model/refused.ts";
import { waitUntil } from "../support/wait_until.ts";
import { WorkerHubs } from "../support/worker_hubs.ts";

Deno.test("[R44] a ban at one worker ends the polls at another one, and is lifted there, too", async () => {
  await using hubs = await WorkerHubs.open();
  const alice = await hubs.signIn("alice");
  const target = { kind: "session", id: alice.left.publicToken } as const;
  const cursor = await hubs.right.cursor(alice.right);
  const parked = assertRejects(() => hubs.right.poll(alice.right, { cursor }), Refused);
  await waitUntil(() => hubs.right.hub.parked === 1, "the poll is parked");

  await hubs.left.hub.banning.ban(target, { by: "api:boss", reason: "spam" });

  assertEquals((await parked).facts.ban, { reason: "spam" });
  const refused = await assertRejects(() => hubs.left.poll(alice.left), Refused);
  assertEquals(refused.refusal, "banned");
  await hubs.left.hub.banning.lift(target);
  await waitUntil(() => hubs.right.hub.bans.isEmpty, "the right worker knows that it is lifted");
  assertEquals((await hubs.right.poll(alice.right)).outcome, "timedout");
});
