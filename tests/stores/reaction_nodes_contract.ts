import { assertEquals } from "@std/assert";
import type { Message } from "../../server/protocol/message.ts";
import { waitUntil } from "../support/wait_until.ts";
import type { NodesTest } from "./change_nodes_contract.ts";
import { reactionsTo } from "./reaction_contract.ts";

/** Defines the tests of reactions on two nodes. */
export function reactionNodesContract(test: NodesTest): void {
  test("[L37] reactions and edits on two nodes at the same time do not lose one another", async ({ left, right }) => {
    const alice = await left.signIn("alice");
    await left.say(alice, "room:tea", "one");
    const people = await Promise.all(
      Array.from({ length: 12 }, (_, n) => [left, right][n % 2]!.signIn(`person ${n}`)),
    );
    const polls = [left, right].map(async (node) =>
      node.poll(alice, { cursor: await node.cursor(alice), tab: `${node === left}` })
    );

    const settled = await Promise.all(people.map(async (person, n) => {
      const { hub } = [left, right][n % 2]!;
      await hub.react(person, 1, { emoji: "👍", on: true });
      await hub.react(person, 1, { emoji: "🎉", on: true });
      if (n % 3 === 0) await hub.change(undefined, 1, { text: `text ${n}` });
      return (await hub.react(person, 1, { emoji: "🎉", on: false })).id;
    }));

    await Promise.all(polls);
    assertEquals(new Set(settled), new Set([1]));
    const seen: (Message | undefined)[] = [];
    for (const { store } of [left, right]) {
      await store.log.newestId();
      seen.push(await store.log.get(1));
    }
    const expected = people.map(({ publicToken }) => publicToken).sort();
    assertEquals(seen[0]?.reactions?.map(({ by }) => by.toSorted()), [expected]);
    assertEquals(seen[1], seen[0]);
    assertEquals(seen[0]?.text?.startsWith("text "), true);
  });

  test("[L37] readers of both nodes have the same reactions in the end", async ({ left, right }) => {
    const [alice, bob] = [await left.signIn("alice"), await right.signIn("bob")];
    await left.say(alice, "room:tea", "one");
    await waitUntil(async () => (await right.cursor(bob)).endsWith(".1"), "both have it");
    const readers = await Promise.all(
      ([[left, alice], [right, bob]] as const).map(async ([node, person]) => ({
        node,
        person,
        cursor: await node.cursor(person),
        last: undefined as Message | undefined,
      })),
    );

    for (let n = 0; n < 5; n++) {
      await Promise.all([
        left.hub.react(alice, 1, { emoji: "👍", on: n % 2 === 0 }),
        right.hub.react(bob, 1, { emoji: "👍", on: true }),
        right.hub.react(bob, 1, { emoji: "🎉", on: n % 2 === 0 }),
      ]);
    }

    const newest = await left.store.log.newestId();
    for (const reader of readers) {
      const { node, person } = reader;
      while (!reader.cursor.endsWith(`.${newest}`)) {
        const { changes = [], cursor } = await node.poll(person, { cursor: reader.cursor });
        reader.last = changes.at(-1)?.message ?? reader.last;
        reader.cursor = cursor;
      }
      const kinds = reader.last?.reactions ?? [];
      const shown = kinds.map(({ emoji, by }) => `${emoji} ${by.toSorted().join("+")}`).sort();
      const both = [alice.publicToken, bob.publicToken].sort().join("+");
      assertEquals(shown, [`👍 ${both}`, `🎉 ${bob.publicToken}`].sort());
      assertEquals(reactionsTo(reader.last), reactionsTo(await node.store.log.get(1)));
    }
  });
}
