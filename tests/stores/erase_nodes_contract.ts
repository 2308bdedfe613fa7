import { assert, assertEquals, assertRejects } from "@std/assert";
import { Refused } from "../../server/core/model/refused.ts";
import type { TestHub } from "../support/hub.ts";
import { waitUntil } from "../support/wait_until.ts";

/** Defines a test of two nodes over one store. */
type NodesTest = (
  title: string,
  run: (nodes: { readonly left: TestHub; readonly right: TestHub }) => Promise<void>,
) => void;

/** Defines the tests of erasures on two nodes. */
export function eraseNodesContract(test: NodesTest): void {
  test("[M51] an erasure that one node takes is done by the other, and signs the person out on both", async ({ left, right }) => {
    const { privateToken, publicToken } = await left.hub.signIn("alice-name");
    const alice = await right.hub.sessions.authenticate(privateToken);
    const bob = await right.signIn("bob");
    assert(alice);
    await right.say(alice, "room:tea", "one");
    await right.say(alice, `direct:${bob.publicToken}`, "psst");
    const polls = [alice, bob].map(async (session) => {
      const { cursor } = await right.poll(session);
      return await right.poll(session, { cursor, channels: ["room:tea"] });
    });
    await waitUntil(() => right.hub.parked === 2, "both are parked");
    await using _ = right.hub.erasures.startJob({ onDone: () => {}, onError: reportError });

    await left.hub.erasures.eraseSession(publicToken);
    const [own, others] = await Promise.all(polls);
    const isDone = async () => (await left.hub.erasures.get(publicToken)).state === "done";
    await waitUntil(isDone, "it is done");

    assertEquals([own?.outcome, own?.reason], ["cancelled", "kicked"]);
    assert((others?.changes?.length ?? 0) > 0);
    await assertRejects(() => right.say(alice, "room:tea", "two"), Refused);
    for (const { hub, store: { log } } of [left, right]) {
      await log.newestId();
      const all = JSON.stringify(await log.scan(0, 100));
      assert(!all.includes("alice-name") && !all.includes("psst"), all);
      assertEquals(await hub.sessions.find(publicToken), undefined);
      assertEquals((await hub.conversations.list(bob)).conversations, []);
    }
  });
}
