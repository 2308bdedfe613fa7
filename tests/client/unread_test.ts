import { assertEquals } from "@std/assert";
import { countsAsUnread } from "../../server/protocol/unread.ts";

const alice = { publicToken: "alice", displayName: "alice" };
const bob = { publicToken: "bob", displayName: "bob" };
const carol = { publicToken: "carol", displayName: "carol" };

Deno.test("[D40] unread are the messages of others; of the team for the visitor alone", () => {
  const unreadFor = (self: typeof alice, visitor?: typeof alice) =>
    [alice, bob, carol].filter((from) => countsAsUnread({ from }, { self, visitor }))
      .map(({ displayName }) => displayName);

  assertEquals(unreadFor(alice), ["bob", "carol"]);
  assertEquals(unreadFor(alice, alice), ["bob", "carol"]);
  assertEquals(unreadFor(bob, alice), ["alice"]);
  assertEquals(countsAsUnread({}, { self: bob, visitor: alice }), true);
  assertEquals(countsAsUnread({ event: "claimed" }, { self: bob }), false);
});
