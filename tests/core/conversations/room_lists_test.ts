import { assertEquals, assertRejects } from "@std/assert";
import { Refused } from "../../../server/core/model/refused.ts";
import { DEFAULT_RIGHTS, rightsOf } from "../../../server/core/model/rights.ts";
import type { Session } from "../../../server/core/model/session.ts";
import { TestHub } from "../../support/hub.ts";

const { patterns, visitorRooms } = rightsOf({
  patterns: ["room:support-*"],
  visitorRooms: ["room:support-*"],
});

/** Alice is a visitor; bob is of the team. */
async function open() {
  const hub = await TestHub.open({ guestRights: { ...DEFAULT_RIGHTS, visitorRooms } });
  const bob: Session = {
    ...await hub.signIn("bob"),
    rights: { ...DEFAULT_RIGHTS, patterns, visitorRooms },
  };
  const list = (query: { before?: number; limit?: number; prefix?: string } = {}) =>
    hub.hub.roomLists.list(bob, { prefix: "support-", limit: 50, ...query });
  return { hub, alice: await hub.signIn("alice"), bob, list };
}

Deno.test("[D38] all rooms of a pattern that have messages are listed, those with the newest ones first", async () => {
  const { hub, alice, bob, list } = await open();
  await using _ = hub;
  const own = `room:support-${alice.publicToken}`;
  await hub.say(alice, own, "help");
  await hub.say(bob, "room:support-2", "two");
  await hub.say(alice, "room:tea", "tea");
  const { id } = await hub.say(bob, own, "how?");
  await hub.say(alice, own, "like this");
  await hub.send(bob, { channel: "room:support-2", event: "claimed" });
  await hub.hub.conversations.open(bob, own, { readUpTo: id });
  await hub.poll(alice, { channels: [own] });

  const { rooms, before } = await list();

  assertEquals(before, undefined);
  const shown = rooms.map(({ last, people, claimedBy, ...room }) => ({
    ...{ ...room, last: last.text },
    people: people.map(({ displayName }) => displayName),
    claimedBy: claimedBy?.displayName,
  }));
  const none = { claimedBy: undefined };
  assertEquals(shown, [
    {
      ...{ ...none, channel: own, last: "like this", readUpTo: id, unread: 1, present: 1 },
      ...{ people: ["alice"], visitor: alice.person },
    },
    {
      ...{ ...none, channel: "room:support-2", last: "two", readUpTo: 0, unread: 0, present: 0 },
      ...{ people: [], claimedBy: "bob" },
    },
  ]);
});

Deno.test("[D39] the list has pages: each room is on one of them", async () => {
  const { hub, bob, list } = await open();
  await using _ = hub;
  for (let n = 0; n < 25; n++) await hub.say(bob, `room:support-${n % 10}`, `${n}`);

  const names: string[] = [];
  let before: number | undefined;
  let pages = 0;
  do {
    const page = await list(before === undefined ? { limit: 4 } : { limit: 4, before });
    names.push(...page.rooms.map(({ channel }) => channel.replace("room:support-", "")));
    before = page.before;
    pages++;
  } while (before !== undefined);

  assertEquals([names.join(""), pages], ["4321098765", 3]);
});

Deno.test("[D39] a room that floods makes pages shorter, and hides no other room", async () => {
  const { hub, bob, list } = await open();
  await using _ = hub;
  await hub.say(bob, "room:support-quiet", "hello");
  const flood = Array.from({ length: 1_500 }, (_, n) => ({
    ...{ channel: "room:support-flood", from: bob.person, text: `${n}` },
  }));
  await hub.store.log.append(flood);

  const first = await list();
  const second = await list({ before: first.before ?? 0 });

  const names = [first, second].map(({ rooms }) => rooms.map(({ channel }) => channel));
  assertEquals(names, [["room:support-flood"], ["room:support-quiet"]]);
  assertEquals(second.before, undefined);
});

Deno.test("[D38] a closed room says who has closed it", async () => {
  const { hub, bob, list } = await open();
  await using _ = hub;
  await hub.say(bob, "room:support-1", "hello");
  await hub.send(bob, { channel: "room:support-1", event: "closed" });

  const { rooms: [room] } = await list();

  assertEquals([room?.closedBy, room?.last.text], [bob.person, "hello"]);
});

Deno.test("[D38] the list needs the right to the pattern", async () => {
  const { hub, alice, list } = await open();
  await using _ = hub;
  const refusalOf = async (ask: () => Promise<unknown>) =>
    (await assertRejects(ask, Refused)).refusal;

  const asked = () => hub.hub.roomLists.list(alice, { prefix: "support-", limit: 1 });
  assertEquals(await refusalOf(asked), "not_allowed");
  assertEquals(await refusalOf(() => list({ prefix: "team-" })), "not_allowed");
  assertEquals(await refusalOf(() => list({ prefix: "support" })), "invalid_request");
});

Deno.test("[D40] in the room of a visitor, the team's messages are not unread for the team", async () => {
  const { hub, alice, bob, list } = await open();
  await using _ = hub;
  const carol: Session = { ...await hub.signIn("carol"), rights: bob.rights };
  const own = `room:support-${alice.publicToken}`;
  await hub.say(alice, own, "help");
  await hub.say(carol, own, "how?");
  await hub.hub.publishing.publish("shop", [{ to: own, text: "The shop closes" }]);
  await hub.say(carol, "room:support-2", "for the team");

  const { rooms } = await list();

  assertEquals(rooms.map(({ channel, unread }) => [channel, unread]), [
    ["room:support-2", 1],
    [own, 2],
  ]);
  await hub.hub.conversations.open(alice, own, { readUpTo: 1 });
  const { conversations: [conversation] } = await hub.hub.conversations.list(alice);
  assertEquals([conversation?.channel, conversation?.unread], [own, 2]);
});
