import { assertEquals } from "@std/assert";
import { type AgeRule, AgeRules } from "../../../server/core/hub/age_rules.ts";
import { wallNow } from "../../../server/base/clock.ts";
import { TestHub, texts } from "../../support/hub.ts";
import { WallClock } from "../../support/wall_clock.ts";

const HOUR = 3_600_000;

/** The texts that are left after a time, of what alice says to everyone and to herself. */
async function leftAfter(hours: number, rules: readonly AgeRule[]): Promise<string[]> {
  await using hub = await TestHub.open();
  const alice = await hub.signIn("alice");
  const own = `direct:${alice.publicToken}:${alice.publicToken}`;
  await hub.say(alice, "room:tea", "tea");
  await hub.say(alice, own, "direct");
  await hub.say(alice, "room:support-1", "support");
  await hub.hub.publishing.publish("api:shop", [
    { to: "everyone", text: "everyone" },
    { to: `session:${alice.publicToken}`, text: "alice" },
  ]);
  await hub.say(alice, "room:support-vip-1", "vip");
  const ages = new AgeRules({ log: hub.store.log, rules, onRemoved: () => {} });

  while (await ages.trim(wallNow() + hours * HOUR));

  return texts({ messages: await hub.store.log.scan(0, 10) });
}

Deno.test("[L34] messages are removed at the age of the first rule for their channel", async () => {
  const rules = [
    { channels: "room:support-vip-*", maxAgeMs: 9 * HOUR },
    { channels: "room:support-*", maxAgeMs: 2 * HOUR },
    { channels: "room:tea", maxAgeMs: 4 * HOUR },
    { channels: "direct", maxAgeMs: 2 * HOUR },
    { channels: "notice", maxAgeMs: 6 * HOUR },
  ];

  const all = ["tea", "direct", "support", "everyone", "alice", "vip"];
  assertEquals(await leftAfter(1, rules), all);
  assertEquals(await leftAfter(3, rules), ["tea", "everyone", "alice", "vip"]);
  assertEquals(await leftAfter(5, rules), ["everyone", "alice", "vip"]);
  assertEquals(await leftAfter(7, rules), ["vip"]);
  assertEquals(await leftAfter(10, rules), []);
  assertEquals(await leftAfter(10, []), all);
});

Deno.test("[L34] while the clock is not trusted, nothing is removed", async () => {
  await using hub = await TestHub.open();
  const alice = await hub.signIn("alice");
  await hub.say(alice, "room:tea", "tea");
  const rules = [{ channels: "room:tea", maxAgeMs: 1 }];
  const ages = new AgeRules({ log: hub.store.log, rules, onRemoved: () => {} });

  assertEquals([await ages.trim(0), await hub.store.log.newestId()], [false, 1]);
  assertEquals(texts({ messages: await hub.store.log.scan(0, 10) }), ["tea"]);
});

Deno.test("[L34] a sweep applies the rules, whatever the size of the log, also to what is appended later", async () => {
  using clock = new WallClock();
  const retain = [{ channels: "room:support-*", maxAgeMs: HOUR }];
  await using hub = await TestHub.open({ retain });
  const alice = await hub.signIn("alice");
  const from = alice.person;
  const drafts = (count: number) =>
    Array.from({ length: count }, (_, n) => ({
      ...{ channel: n % 2 ? "room:support-1" : "room:tea", from, text: `${n}` },
    }));
  const left = async () => {
    clock.offset += 2 * HOUR;
    await hub.hub.sweep();
    const page = await hub.store.log.read(["room:support-*", "room:tea"], 0, 2_000);
    return [page.messages.length, page.trimmedUpTo];
  };

  await hub.store.log.append(drafts(1_200));
  assertEquals(await left(), [600, 1_200]);
  await hub.store.log.append(drafts(2));
  assertEquals(await left(), [601, 1_202]);
});

Deno.test("[L34] a reader who was away gets a gap instead of what is too old, also if it was in memory", async () => {
  using clock = new WallClock();
  await using hub = await TestHub.open({ retain: [{ channels: "room:tea", maxAgeMs: HOUR }] });
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  const cursor = await hub.cursor(bob);
  await hub.say(alice, "room:tea", "old");
  await hub.say(alice, "room:milk", "milk");

  clock.offset = 2 * HOUR;
  await hub.hub.sweep();

  const reply = await hub.poll(bob, { cursor, channels: ["room:tea", "room:milk"], hold: 0 });
  assertEquals([texts(reply), reply.gap], [["milk"], true]);
  const other = await hub.poll(bob, { cursor, channels: ["room:milk"], hold: 0 });
  assertEquals([texts(other), other.gap], [["milk"], false]);
});
