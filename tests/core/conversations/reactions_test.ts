import { assertEquals, assertRejects } from "@std/assert";
import { emojiOf } from "../../../server/core/model/reaction.ts";
import { Refused } from "../../../server/core/model/refused.ts";
import { rightsOf } from "../../../server/core/model/rights.ts";
import type { Session } from "../../../server/core/model/session.ts";
import { TestHub } from "../../support/hub.ts";

/** Why a reaction is refused. */
async function refusal(hub: TestHub, session: Session, id: number, emoji = "👍", on = true) {
  const reacting = () => hub.hub.react(session, id, { emoji, on });
  return (await assertRejects(reacting, Refused)).refusal;
}

function withRights(session: Session, rights: Parameters<typeof rightsOf>[0]): Session {
  return { ...session, rights: rightsOf(rights) };
}

Deno.test("[D50] people react to messages of others and to their own, in rooms and direct channels", async () => {
  await using hub = await TestHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  await hub.say(alice, "room:tea", "one");
  await hub.say(alice, `direct:${bob.publicToken}`, "psst");

  const own = await hub.hub.react(alice, 1, { emoji: "👍", on: true });
  const both = await hub.hub.react(bob, 1, { emoji: "👍", on: true });
  const direct = await hub.hub.react(bob, 2, { emoji: "🎉", on: true });

  assertEquals(own.reactions, [{ emoji: "👍", by: [alice.publicToken] }]);
  assertEquals(both.reactions, [{ emoji: "👍", by: [alice.publicToken, bob.publicToken] }]);
  assertEquals(direct.reactions, [{ emoji: "🎉", by: [bob.publicToken] }]);
});

Deno.test("[D50] reacting twice counts once, and taking back what is not there changes nothing", async () => {
  await using hub = await TestHub.open();
  const alice = await hub.signIn("alice");
  await hub.say(alice, "room:tea", "one");

  const none = await hub.hub.react(alice, 1, { emoji: "👍", on: false });
  await hub.hub.react(alice, 1, { emoji: "👍", on: true });
  const twice = await hub.hub.react(alice, 1, { emoji: "👍", on: true });

  assertEquals(none.reactions, undefined);
  assertEquals(twice.reactions, [{ emoji: "👍", by: [alice.publicToken] }]);
  assertEquals(await hub.store.log.newestId(), 2);
});

Deno.test("[D50] only those who may read and write the channel react in it", async () => {
  await using hub = await TestHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  await hub.say(alice, "room:tea", "one");
  await hub.say(alice, `direct:${alice.publicToken}`, "note");
  await hub.hub.publishing.publish("shop", [{ to: "everyone", text: "news" }]);

  const reader = withRights(bob, { read: ["room:tea"], write: [] });
  const other = withRights(bob, { read: ["room:milk"], write: ["room:tea"] });

  assertEquals(await refusal(hub, reader, 1), "not_allowed");
  assertEquals(await refusal(hub, other, 1), "not_found");
  assertEquals(await refusal(hub, bob, 2), "not_found");
  assertEquals(await refusal(hub, bob, 3), "not_allowed");
  assertEquals(await refusal(hub, bob, 99), "not_found");
});

Deno.test("[D50] nobody reacts to what was deleted, or to an event", async () => {
  await using hub = await TestHub.open();
  const alice = await hub.signIn("alice");
  await hub.say(alice, "room:tea", "one");
  await hub.hub.change(alice, 1);
  const agent = withRights(alice, {
    read: ["room:tea-*"],
    write: ["room:tea-*"],
    patterns: ["room:tea-*"],
  });
  await hub.send(agent, { channel: "room:tea-1", event: "claimed" });

  assertEquals(await refusal(hub, alice, 1), "not_found");
  assertEquals(await refusal(hub, alice, 2), "not_found");
  assertEquals(await refusal(hub, agent, 3), "not_allowed");
});

Deno.test("[D51] a reaction is one emoji, in the spelling that Unicode recommends", () => {
  const spellings: readonly (readonly [text: string, emoji: string | undefined])[] = [
    ["👍", "👍"],
    ["👍🏽", "👍🏽"],
    ["❤", "❤\ufe0f"],
    ["❤\ufe0f", "❤\ufe0f"],
    ["👍\ufe0f", "👍"],
    ["☹", "☹\ufe0f"],
    ["1\u20e3", "1\ufe0f\u20e3"],
    ["🇨🇭", "🇨🇭"],
    ["🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"],
    ["👩‍❤‍👨", "👩‍❤️‍👨"],
    ["⛹🏻‍♂", "⛹🏻‍♂️"],
    ["🏳‍🌈", "🏳️‍🌈"],
    ["", undefined],
    ["a", undefined],
    ["1", undefined],
    ["👍👍", undefined],
    ["👍 ", undefined],
    ["🇨", undefined],
    ["🏽👍", undefined],
    ["👍\u200d👍", undefined],
    ["❤".repeat(40), undefined],
  ];

  for (const [text, emoji] of spellings) assertEquals([text, emojiOf(text)], [text, emoji]);
});
