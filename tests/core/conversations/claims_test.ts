import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Claims } from "../../../server/core/conversations/claims.ts";
import { Refused } from "../../../server/core/model/refused.ts";
import { DEFAULT_RIGHTS, rightsOf } from "../../../server/core/model/rights.ts";
import type { Session } from "../../../server/core/model/session.ts";
import type { Message, RoomEvent } from "../../../server/protocol/message.ts";
import { TestHub } from "../../support/hub.ts";

const ROOM = "room:support-1";

const { patterns } = rightsOf({ patterns: ["room:support-*"] });

/** Alice is a visitor; bob and carol are of the team. */
async function open() {
  const hub = await TestHub.open();
  const team = async (name: string): Promise<Session> => ({
    ...await hub.signIn(name),
    rights: { ...DEFAULT_RIGHTS, patterns },
  });
  const [alice, bob, carol] = [await hub.signIn("alice"), await team("bob"), await team("carol")];
  const claims = new Claims(hub.store.log);
  const tell = (session: Session, event: RoomEvent) => hub.send(session, { channel: ROOM, event });
  /** Who has claimed and who has closed the room. */
  const state = async () => {
    const { claimedBy, closedBy } = await claims.stateOf(ROOM);
    return [claimedBy?.displayName, closedBy?.displayName];
  };
  return { hub, alice, bob, carol, tell, state };
}

Deno.test("[D33] a claim is a message of the room: its readers see who answers", async () => {
  const { hub, alice, bob, tell } = await open();
  await using _ = hub;
  const { cursor } = await hub.poll(alice, { channels: [ROOM] });

  await tell(bob, "claimed");

  const { messages } = await hub.poll(alice, { cursor, channels: [ROOM] });
  assertEquals(messages.map(({ from, text, event }) => [from?.displayName, text, event]), [
    ["bob", "has claimed this conversation", "claimed"],
  ]);
});

Deno.test("[D33] a visitor reopens a closed conversation, however much was written after its closing", async () => {
  const { hub, alice, bob, tell, state } = await open();
  await using _ = hub;
  await tell(bob, "closed");
  for (let n = 0; n < 45; n++) await hub.say(bob, ROOM, `one more thing, ${n}`);
  const before = await state();

  await hub.say(alice, ROOM, "wait");

  assertEquals([before, await state()], [[undefined, "bob"], [undefined, undefined]]);
});

Deno.test("[D33] a conversation is claimed, released, closed, and reopened by its visitor", async () => {
  const { hub, alice, bob, carol, tell, state } = await open();
  await using _ = hub;

  assertEquals(await state(), [undefined, undefined]);
  await tell(bob, "claimed");
  assertEquals(await state(), ["bob", undefined]);
  await tell(bob, "released");
  assertEquals(await state(), [undefined, undefined]);
  await tell(carol, "claimed");
  await hub.say(carol, ROOM, "hello");
  await tell(carol, "closed");
  await hub.say(carol, ROOM, "good bye");
  await hub.hub.publishing.publish("api:shop", [{ to: ROOM, text: "How was it?" }]);
  assertEquals(await state(), [undefined, "carol"]);
  await hub.say(alice, ROOM, "one more thing");
  assertEquals(await state(), [undefined, undefined]);
  await tell(bob, "claimed");
  assertEquals(await state(), ["bob", undefined]);
});

Deno.test("[D34] a claim of a conversation that somebody else has claimed is refused, and says who", async () => {
  const { hub, bob, carol, tell, state } = await open();
  await using _ = hub;
  await tell(bob, "claimed");

  const refused = await assertRejects(() => tell(carol, "claimed"), Refused);

  assertEquals(refused.refusal, "already_claimed");
  assertStringIncludes(refused.message, "bob");
  assertStringIncludes(refused.message, bob.publicToken);
  await tell(carol, "released");
  await tell(carol, "claimed");
  assertEquals(await state(), ["carol", undefined]);
});

Deno.test("[D34] of two claims at the same time, the first one in the log counts", async () => {
  const { hub, bob, carol, tell, state } = await open();
  await using _ = hub;

  const results = await Promise.allSettled([tell(bob, "claimed"), tell(carol, "claimed")]);

  assertEquals(results.map(({ status }) => status), ["fulfilled", "rejected"]);
  assertEquals(await state(), ["bob", undefined]);
  const { messages } = await hub.hub.history.page(bob, ROOM, { limit: 10 });
  assertEquals(messages.map(({ from }) => from?.displayName), ["bob"]);
});

Deno.test("[D34] a claim that came too late is refused, however many copies of it there are", async () => {
  const { hub, bob, carol, tell, state } = await open();
  await using _ = hub;
  const copy = { channel: ROOM, event: "claimed", key: "k" } as const;

  const [won, ...lost] = await Promise.allSettled([
    tell(bob, "claimed"),
    hub.hub.send(carol, copy),
    hub.hub.send(carol, copy),
    hub.hub.send(carol, copy),
  ]);

  assertEquals(won.status, "fulfilled");
  assertEquals(lost.map((one) => one.status === "rejected" && one.reason.refusal), [
    "already_claimed",
    "already_claimed",
    "already_claimed",
  ]);
  assertEquals(await state(), ["bob", undefined]);
  const { messages } = await hub.hub.history.page(bob, ROOM, { limit: 10 });
  assertEquals(messages.map(({ from }) => from?.displayName), ["bob"]);
});

Deno.test("[D34] among many claims that came too late, the first one counts", async () => {
  const { hub, bob, carol, state } = await open();
  await using _ = hub;
  const claim = (by: Session) => ({
    ...{ channel: ROOM, from: by.person, text: "claims", event: "claimed" } as const,
  });
  await hub.store.log.append([claim(bob)]);
  for (let n = 0; n < 50; n++) await hub.store.log.append([claim(carol)]);

  assertEquals(await state(), ["bob", undefined]);
});

Deno.test("[D35] an event that changes nothing appends nothing", async () => {
  const { hub, bob, carol, tell } = await open();
  await using _ = hub;
  const send = async (session: Session, event: RoomEvent, key: string) =>
    await hub.hub.send(session, { channel: ROOM, event, key });
  const nobody = await assertRejects(() => tell(bob, "released"), Refused);

  const { id } = await tell(bob, "claimed");
  const again = await send(bob, "claimed", "k");
  await tell(bob, "released");
  const released = await tell(carol, "released");
  await tell(bob, "closed");
  await tell(carol, "closed");

  assertEquals(nobody.refusal, "invalid_request");
  assertEquals([again.repeated, again.message.id], [true, id]);
  assertEquals([released.id, await hub.store.log.newestId()], [id + 1, id + 2]);
});

Deno.test("[D36] only those who may read the room by pattern and write there can claim it", async () => {
  const { hub, alice, bob } = await open();
  await using _ = hub;
  const reading = { ...bob, rights: rightsOf({ patterns: ["room:support-*"] }) };

  for (
    const [session, channel] of [
      [alice, ROOM],
      [reading, ROOM],
      [bob, "room:tea"],
      [bob, `direct:${alice.publicToken}`],
    ] as const
  ) {
    const asked = () => hub.hub.send(session, { channel, event: "claimed" });
    assertEquals((await assertRejects(asked, Refused)).refusal, "not_allowed");
  }
});

Deno.test("[D36] neither data nor a changed message is an event", async () => {
  const { hub, alice, bob, tell, state } = await open();
  await using _ = hub;
  await hub.send(alice, { channel: ROOM, data: { event: "claimed" } });
  assertEquals(await state(), [undefined, undefined]);
  const { id } = await tell(bob, "claimed");
  const both = { channel: ROOM, event: "claimed", text: "mine" } as const;

  const text = await assertRejects(() => hub.hub.send(bob, both), Refused);
  const edit = await assertRejects(() => hub.hub.change(bob, id, { text: "mine" }), Refused);
  const deletion = await assertRejects(() => hub.hub.change(undefined, id), Refused);

  const refusals = [text, edit, deletion].map(({ refusal }) => refusal);
  assertEquals(refusals, ["invalid_request", "not_allowed", "not_allowed"]);
});

Deno.test("[D37] events do not count as unread", async () => {
  const { hub, alice, bob, tell } = await open();
  await using _ = hub;
  await hub.hub.conversations.open(alice, ROOM);
  await tell(bob, "claimed");
  await hub.say(bob, ROOM, "hello");
  await tell(bob, "closed");

  const { conversations } = await hub.hub.conversations.list(alice);

  assertEquals(conversations.map(({ unread }) => unread), [1]);
});

Deno.test("[D33] the claim of an erased person is not known any more", async () => {
  const { hub, bob, carol, tell, state } = await open();
  await using _ = hub;
  const { id }: Message = await tell(bob, "claimed");

  await hub.store.log.append([{ channel: ROOM, changes: id, erases: true }]);

  assertEquals(await state(), [undefined, undefined]);
  await tell(carol, "claimed");
  assertEquals(await state(), ["carol", undefined]);
});
