import { assertEquals } from "@std/assert";
import { TestHub } from "../../support/hub.ts";

Deno.test("[H7] the rooms that are read are listed, those with most readers first", async () => {
  await using hub = await TestHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  await hub.poll(alice, { channels: ["room:tea", "room:milk"] });
  await hub.poll(bob, { channels: ["room:milk"] });

  assertEquals(hub.hub.channelPresence.rooms(alice), {
    rooms: [{ channel: "room:milk", present: 2 }, { channel: "room:tea", present: 1 }],
  });
});

Deno.test("[H7] no more than 100 rooms are listed, a search finds the others that may be read, and the list continues after its last room", async () => {
  await using hub = await TestHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  const names = Array.from({ length: 150 }, (_, n) => `room:tea-${n}`);
  await hub.poll(alice, { channels: names });
  await hub.poll(bob, { channels: names.slice(100) });

  const { rooms, more } = hub.hub.channelPresence.rooms(alice);
  const [found, none] = ["TEA-9", "milk"].map((search) =>
    hub.hub.channelPresence.rooms(alice, { search })
  );
  const next = hub.hub.channelPresence.rooms(alice, { after: rooms.at(-1) });
  const end = hub.hub.channelPresence.rooms(alice, { after: next.rooms.at(-1) });

  assertEquals([rooms.length, more], [100, true]);
  assertEquals(rooms.slice(0, 50).every(({ present }) => present === 2), true);
  assertEquals(found?.rooms.map(({ channel }) => channel).toSorted(), [
    "room:tea-9",
    ...Array.from({ length: 10 }, (_, n) => `room:tea-9${n}`),
  ]);
  assertEquals([found?.more, none], [undefined, { rooms: [] }]);
  const all = [...rooms, ...next.rooms].map(({ channel }) => channel);
  assertEquals([all.toSorted(), next.more, end], [names.toSorted(), undefined, { rooms: [] }]);
});

Deno.test("[H7] a server that is told not to lists no room", async () => {
  await using hub = await TestHub.open({ listsRooms: false });
  const alice = await hub.signIn("alice");
  await hub.poll(alice, { channels: ["room:tea"] });

  assertEquals(hub.hub.channelPresence.rooms(alice), { rooms: [] });
});
