import { assertEquals, assertRejects } from "@std/assert";
import { Refused } from "../../../server/core/model/refused.ts";
import { rightsOf } from "../../../server/core/model/rights.ts";
import type { Session } from "../../../server/core/model/session.ts";
import { TestHub, texts } from "../../support/hub.ts";

/** Why a reply in the room tea is refused. */
async function refusal(hub: TestHub, sender: Session, replyTo: number): Promise<string> {
  const send = () => hub.send(sender, { channel: "room:tea", text: "yes", replyTo });
  return (await assertRejects(send, Refused)).refusal;
}

Deno.test("[A10] a reply has the id of the message that it replies to, and nothing of its text", async () => {
  await using hub = await TestHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  await hub.say(alice, "room:tea", "green or black?");

  const reply = await hub.send(bob, { channel: "room:tea", text: "green", replyTo: 1 });

  const { id, from, at, ...content } = reply;
  assertEquals(content, { channel: "room:tea", text: "green", replyTo: 1 });
  assertEquals([id, from?.displayName, typeof at], [2, "bob", "number"]);
});

Deno.test("[A10] only messages of the same channel can be replied to, and nothing else is stored", async () => {
  await using hub = await TestHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  await hub.say(alice, "room:milk", "one");
  await hub.say(alice, "room:tea", "two");
  await hub.say(alice, `direct:${bob.publicToken}`, "psst");
  await hub.hub.change(alice, 2);

  const refusals = await Promise.all([1, 2, 3, 4, 5, 99].map((id) => refusal(hub, alice, id)));

  // The last ones: a change, and what is not there yet.
  assertEquals(refusals, Array(6).fill("not_found"));
  assertEquals(await hub.store.log.newestId(), 4);
});

Deno.test("[A10] an event is neither a reply, nor can be replied to", async () => {
  await using hub = await TestHub.open();
  const guest = await hub.signIn("alice");
  const alice = { ...guest, rights: rightsOf({ patterns: ["room:support-*"], write: ["*"] }) };
  await hub.say(alice, "room:support-mia", "one");
  const room = { channel: "room:support-mia" };
  await hub.send(alice, { ...room, event: "claimed" });

  const toEvent = () => hub.send(alice, { ...room, text: "yes", replyTo: 2 });
  const asReply = () => hub.send(alice, { ...room, event: "released", replyTo: 1 });

  assertEquals((await assertRejects(toEvent, Refused)).refusal, "not_found");
  assertEquals((await assertRejects(asReply, Refused)).refusal, "invalid_request");
});

Deno.test("[A10] who may write in a room and not read it cannot find out by replies what is there", async () => {
  await using hub = await TestHub.open();
  const alice = await hub.signIn("alice");
  await hub.say(alice, "room:tea", "one");
  const writer = { ...alice, rights: rightsOf({ read: [], write: ["room:tea"] }) };

  assertEquals(await refusal(hub, writer, 1), "not_allowed");
  assertEquals(await refusal(hub, writer, 99), "not_allowed");
});

Deno.test("[A12] a reply that is sent again gets its message, also if the answered one was deleted meanwhile", async () => {
  await using hub = await TestHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  await hub.say(alice, "room:tea", "green or black?");
  const reply = { channel: "room:tea", text: "green", replyTo: 1, key: "k" };
  const sent = await hub.send(bob, reply);
  await hub.hub.change(alice, 1);

  const again = await hub.hub.send(bob, reply);
  const later = () => hub.send(bob, { ...reply, key: "later" });

  assertEquals([again.message, again.repeated], [sent, true]);
  assertEquals((await assertRejects(later, Refused)).refusal, "not_found");
});

Deno.test("[A12] a direct message that is sent again gets its message, also if the other person has signed out", async () => {
  await using hub = await TestHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  const message = { channel: `direct:${bob.publicToken}`, text: "psst", key: "k" };
  const sent = await hub.send(alice, message);
  await hub.hub.accounts.signOut(bob);

  const again = await hub.hub.send(alice, message);

  assertEquals([again.message.id, again.repeated], [sent.id, true]);
});

Deno.test("[A12] a publication that is sent again gets its messages, also if what they answer was deleted meanwhile", async () => {
  await using hub = await TestHub.open();
  const alice = await hub.signIn("alice");
  await hub.say(alice, "room:tea", "green or black?");
  const publish = (text: string) =>
    hub.hub.publishing.publish("shop", [{ to: "room:tea", text, replyTo: 1, key: text }]);
  const [sent] = await publish("black");
  await hub.hub.change(alice, 1);

  const [again] = await publish("black");
  const refused = await assertRejects(() => publish("green"), Refused);

  assertEquals([again?.message, again?.repeated], [sent?.message, true]);
  assertEquals(refused.refusal, "not_found");
});

Deno.test("[M60] a back end replies in the channel of the recipient, and nowhere else", async () => {
  await using hub = await TestHub.open();
  const alice = await hub.signIn("alice");
  await hub.say(alice, "room:tea", "green or black?");
  const reply = { text: "black", replyTo: 1 };
  const to = (...recipients: string[]) =>
    hub.hub.publishing.publish("shop", [{ to: recipients, ...reply }]);

  const [published] = await to("room:tea");
  const refused = await assertRejects(() => to("room:tea", "room:milk"), Refused);

  assertEquals([published?.message.text, published?.message.replyTo], ["black", 1]);
  assertEquals(refused.refusal, "not_found");
  const session = await hub.signIn("bob");
  const page = await hub.hub.history.page(session, "room:tea", { limit: 10 });
  assertEquals(texts(page), ["black", "green or black?"]);
});

Deno.test("[D41] the messages of a channel are read by their ids, as they are now", async () => {
  await using hub = await TestHub.open();
  const alice = await hub.signIn("alice");
  for (const text of ["one", "two", "three"]) await hub.say(alice, "room:tea", text);
  await hub.say(alice, "room:milk", "four");
  await hub.hub.change(alice, 1, { text: "uno" });
  await hub.hub.change(alice, 2);

  const named = await hub.hub.history.named(alice, "room:tea", { ids: [1, 2, 3, 4, 5, 6, 99, 1] });

  assertEquals(texts(named), ["three", "uno"]);
  const outsider = { ...alice, rights: rightsOf({ read: ["room:milk"], write: ["*"] }) };
  const refused = () => hub.hub.history.named(outsider, "room:tea", { ids: [1] });
  assertEquals((await assertRejects(refused, Refused)).refusal, "not_allowed");
});
