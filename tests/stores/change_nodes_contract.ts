import { assertEquals } from "@std/assert";
import { type TestHub, texts } from "../support/hub.ts";
import { waitUntil } from "../support/wait_until.ts";
import { reactionNodesContract } from "./reaction_nodes_contract.ts";

/** Defines a test of two nodes over one store. */
export type NodesTest = (
  title: string,
  run: (nodes: { readonly left: TestHub; readonly right: TestHub }) => Promise<void>,
) => void;

/** Defines the tests of edits, deletions and reactions on two nodes. */
export function changeNodesContract(test: NodesTest): void {
  reactionNodesContract(test);
  test("[F44] a change on one node reaches the readers of the other", async ({ left, right }) => {
    const [alice, bob] = [await left.signIn("alice"), await right.signIn("bob")];
    const first = await left.say(alice, "room:tea", "one");
    await left.say(alice, "room:tea", "two");
    const hasBoth = async () => (await right.cursor(bob)).endsWith(".2");
    await waitUntil(hasBoth, "the other node has both messages");
    const poll = right.poll(bob, { cursor: await right.cursor(bob) });

    await left.hub.change(alice, first.id, { text: "uno" });
    const { changes, cursor } = await poll;
    await left.hub.change(alice, first.id);
    const next = await right.poll(bob, { cursor });

    assertEquals(changes?.map(({ message }) => message.text), ["uno"]);
    assertEquals(next.changes?.map(({ message }) => message.deletedAt !== undefined), [true]);
    assertEquals(texts(await right.hub.history.page(bob, "room:tea", { limit: 10 })), ["two"]);
  });

  test("[F44] of changes on both nodes at the same time, none follows a deletion", async ({ left, right }) => {
    const alice = await left.signIn("alice");
    for (let n = 1; n <= 5; n++) await left.say(alice, "room:tea", `${n}`);
    await waitUntil(async () => (await right.hub.history.get(5)) !== undefined, "it has all");

    await Promise.allSettled([1, 2, 3, 4, 5].flatMap((id) => [
      left.hub.change(undefined, id, { text: "left" }),
      right.hub.change(undefined, id),
      right.hub.change(undefined, id, { text: "right" }),
      left.hub.change(undefined, id, { text: "last" }),
    ]));

    for (const node of [left, right]) {
      await node.store.log.newestId();
      const page = () => node.hub.history.page(alice, "room:tea", { limit: 10 });
      await waitUntil(async () => (await page()).messages.length === 0, "all are deleted");
      const { messages } = await node.store.log.read(["room:tea"], 0, 100);
      const contents = messages.flatMap(({ message }) => message?.text ?? []);
      assertEquals(contents, []);
    }
  });
}
