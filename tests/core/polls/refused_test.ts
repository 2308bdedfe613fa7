import { assertEquals } from "@std/assert";
import { rightsOf } from "../../../server/core/model/rights.ts";
import { settle, stopClock } from "../../support/clock.ts";
import { TestHub, texts } from "../../support/hub.ts";

const TEA_ONLY = rightsOf({ read: ["room:tea"], write: ["*"] });

Deno.test("[P23] a poll is answered for the channels that may be read, and names the others", async () => {
  await using hub = await TestHub.open({ guestRights: TEA_ONLY });
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  const cursor = await hub.cursor(bob);
  await hub.say(alice, "room:tea", "hello");
  await hub.say(alice, "room:milk", "a secret");

  const reply = await hub.poll(bob, { cursor, channels: ["room:milk", "room:tea"] });

  assertEquals(texts(reply), ["hello"]);
  assertEquals(reply.refused, [{ channel: "room:milk", code: "not_allowed" }]);
});

Deno.test("[P23] a poll with a cursor is held, although channels are refused", async () => {
  using clock = stopClock();
  await using hub = await TestHub.open({ guestRights: TEA_ONLY });
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  const cursor = await hub.cursor(bob);
  const poll = hub.poll(bob, { cursor, channels: ["room:milk", "room:tea"] });
  await clock.pass(5_000);
  assertEquals(hub.hub.parked, 1);

  await hub.say(alice, "room:tea", "hello");

  assertEquals(texts(await poll), ["hello"]);
});

Deno.test("[P23] a channel that was refused is read as soon as the session has the right", async () => {
  await using hub = await TestHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  const cursor = await hub.cursor(bob);
  await hub.say(alice, "room:milk", "hello");
  const channels = ["room:milk"];
  const narrow = { ...bob, rights: TEA_ONLY };

  const refused = await hub.poll(narrow, { cursor, channels, hold: 0 });
  const allowed = await hub.poll(bob, { cursor, channels });

  assertEquals([texts(refused), refused.refused?.length], [[], 1]);
  assertEquals([texts(allowed), allowed.refused], [["hello"], undefined]);
});

Deno.test("[P23] at the limit of rooms, a room that nobody reads yet is left out until there is space", async () => {
  using clock = stopClock();
  await using hub = await TestHub.open({ max: { sessions: 10, rooms: 6 } });
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  const cursor = await hub.cursor(bob);
  const parked = hub.poll(alice, { cursor, channels: ["room:1", "room:2"], hold: 20_000 });
  await settle();
  const poll = () => hub.poll(bob, { cursor, channels: ["room:1", "room:new"], hold: 0 });

  const full = await poll();
  await clock.pass(60_000);
  await parked;
  await hub.hub.sweep();
  const free = await poll();

  assertEquals(full.refused, [{ channel: "room:new", code: "too_many_rooms" }]);
  assertEquals(free.refused, undefined);
});

Deno.test("[P23] an invalid channel still rejects the whole poll", async () => {
  await using hub = await TestHub.open();
  const bob = await hub.signIn("bob");

  let code = "";
  try {
    await hub.poll(bob, { channels: ["room:tea", "room:?"] });
  } catch (error) {
    code = (error as { refusal: string }).refusal;
  }

  assertEquals(code, "invalid_request");
});
