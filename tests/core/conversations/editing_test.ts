import { assertEquals, assertRejects } from "@std/assert";
import { Refused } from "../../../server/core/model/refused.ts";
import { rightsOf } from "../../../server/core/model/rights.ts";
import type { Session } from "../../../server/core/model/session.ts";
import type { Body } from "../../../server/protocol/message.ts";
import { stopClock } from "../../support/clock.ts";
import { TestHub } from "../../support/hub.ts";

/** Why a change is refused. */
async function refusal(hub: TestHub, editor: Session, id: number, content?: Body) {
  return (await assertRejects(() => hub.hub.change(editor, id, content), Refused)).refusal;
}

function withRights(session: Session, rights: Parameters<typeof rightsOf>[0]): Session {
  return { ...session, rights: rightsOf(rights) };
}

Deno.test("[R7] authors edit and delete their messages", async () => {
  using clock = stopClock();
  await using hub = await TestHub.open();
  const alice = await hub.signIn("alice");
  const sent = await hub.say(alice, "room:tea", "one");
  await clock.pass(1_000);

  const edited = await hub.hub.change(alice, 1, { text: "uno" });
  const deleted = await hub.hub.change(alice, 1);

  const { text: _, ...head } = sent;
  assertEquals(edited, { ...head, text: "uno", editedAt: sent.at + 1_000 });
  assertEquals(deleted, { ...head, deletedAt: sent.at + 1_000 });
});

Deno.test("[R7] authors can change a message for the time that is set, administrators always", async () => {
  using clock = stopClock();
  await using hub = await TestHub.open({ editTime: 60_000 });
  const alice = await hub.signIn("alice");
  await hub.say(alice, "room:tea", "one");
  await clock.pass(60_000);
  await hub.hub.change(alice, 1, { text: "uno" });
  await clock.pass(1);

  assertEquals(await refusal(hub, alice, 1, { text: "eins" }), "not_allowed");
  assertEquals(await refusal(hub, alice, 1), "not_allowed");
  assertEquals((await hub.hub.change(undefined, 1, { text: "eins" })).text, "eins");
});

Deno.test("[R7] where the time is 0, authors change nothing", async () => {
  await using hub = await TestHub.open({ editTime: 0 });
  const alice = await hub.signIn("alice");
  await hub.say(alice, "room:tea", "one");

  assertEquals(await refusal(hub, alice, 1), "not_allowed");
});

Deno.test("[R8] messages of others are not_allowed, those that may not be read not_found", async () => {
  await using hub = await TestHub.open();
  const [alice, bob, carol] = [
    await hub.signIn("alice"),
    await hub.signIn("bob"),
    await hub.signIn("carol"),
  ];
  await hub.say(alice, "room:tea", "one");
  await hub.say(alice, `direct:${bob.publicToken}`, "psst");
  await hub.hub.publishing.publish("shop", [{ to: `session:${bob.publicToken}`, text: "news" }]);

  assertEquals(await refusal(hub, bob, 1), "not_allowed");
  assertEquals(await refusal(hub, bob, 2), "not_allowed");
  assertEquals(await refusal(hub, bob, 3), "not_allowed");
  assertEquals(await refusal(hub, carol, 2), "not_found");
  assertEquals(await refusal(hub, carol, 3), "not_found");
  assertEquals(await refusal(hub, carol, 99), "not_found");
  const outsider = withRights(alice, { read: ["room:milk"], write: ["*"] });
  assertEquals(await refusal(hub, outsider, 1), "not_found");
});

Deno.test("[R8] a right to administer a room includes the messages of others, only there", async () => {
  await using hub = await TestHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  await hub.say(alice, "room:tea", "one");
  await hub.say(alice, "room:milk", "two");
  const admin = withRights(bob, { read: ["*"], admin: ["room:tea"] });

  assertEquals((await hub.hub.change(admin, 1, { text: "uno" })).from, alice.person);
  assertEquals(await refusal(hub, admin, 2), "not_allowed");
});

Deno.test("[R8] who may no longer write to a room can delete there, but not edit", async () => {
  await using hub = await TestHub.open();
  const alice = await hub.signIn("alice");
  await hub.say(alice, "room:tea", "one");
  const reader = withRights(alice, { read: ["*"], write: [] });

  assertEquals(await refusal(hub, reader, 1, { text: "uno" }), "not_allowed");
  assertEquals((await hub.hub.change(reader, 1)).text, undefined);
});

Deno.test("[R9] deleting again, and the content that is there, change nothing", async () => {
  await using hub = await TestHub.open();
  const alice = await hub.signIn("alice");
  await hub.say(alice, "room:tea", "one");
  const edited = await hub.hub.change(alice, 1, { text: "uno" });

  assertEquals(await hub.hub.change(alice, 1, { text: "uno" }), edited);
  const deleted = await hub.hub.change(alice, 1);
  assertEquals(await hub.hub.change(alice, 1), deleted);

  assertEquals(await hub.store.log.newestId(), 3);
  assertEquals(await refusal(hub, alice, 1, { text: "again" }), "not_found");
  assertEquals(await refusal(hub, alice, 2), "not_found");
});

Deno.test("[R9] new content obeys the rules of messages", async () => {
  await using hub = await TestHub.open();
  const alice = await hub.signIn("alice");
  await hub.say(alice, "room:tea", "one");

  assertEquals(await refusal(hub, alice, 1, {}), "invalid_request");
  assertEquals(await refusal(hub, alice, 1, { text: "a", data: 1 }), "invalid_request");
  assertEquals(await refusal(hub, alice, 1, { text: "a".repeat(8_193) }), "text_too_long");
  assertEquals(await refusal(hub, alice, 1, { title: "A", text: "a" }), "invalid_request");
});

Deno.test("[R9] a message of the system keeps its title, unless it gets another one", async () => {
  await using hub = await TestHub.open();
  await hub.hub.publishing.publish("shop", [{ to: "room:tea", title: "Tea", text: "one" }]);

  const edited = await hub.hub.change(undefined, 1, { text: "uno" });
  const again = await hub.hub.change(undefined, 1, { title: "Té", text: "uno" });

  assertEquals([edited.title, again.title], ["Tea", "Té"]);
});
