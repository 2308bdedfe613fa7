import { assertEquals } from "@std/assert";
import { TestHub, texts } from "../../support/hub.ts";

const KEEP_TWO = { retention: { maxMessages: 2 }, window: { messages: 1, bytes: 1e6 } };

Deno.test("[P17] a cursor that was trimmed away gets what is kept, and the gap once", async () => {
  await using hub = await TestHub.open(KEEP_TWO);
  const alice = await hub.signIn("alice");
  const cursor = await hub.cursor(alice);
  for (const text of ["one", "two", "three", "four"]) await hub.say(alice, "room:tea", text);
  await hub.store.log.trim(Date.now());

  const first = await hub.poll(alice, { cursor });
  await hub.say(alice, "room:tea", "five");
  const second = await hub.poll(alice, { cursor: first.cursor });

  assertEquals([first.gap, texts(first)], [true, ["three", "four"]]);
  assertEquals([second.gap, texts(second)], [false, ["five"]]);
});

Deno.test("[P17] a gap is told at once, though nothing of the reader's is kept", async () => {
  await using hub = await TestHub.open({ ...KEEP_TWO, retention: { maxMessages: 0 } });
  const alice = await hub.signIn("alice");
  const cursor = await hub.cursor(alice);
  for (const text of ["one", "two", "three", "four"]) await hub.say(alice, "room:tea", text);
  await hub.store.log.trim(Date.now());

  const answer = await hub.poll(alice, { cursor });

  assertEquals([answer.outcome, answer.gap, answer.messages], ["message", true, []]);
  assertEquals(answer.cursor, `${hub.store.log.epoch}.4`);
});

Deno.test("[P17] readers of other rooms, and readers that have read what was trimmed, get no gap", async () => {
  await using hub = await TestHub.open(KEEP_TWO);
  const alice = await hub.signIn("alice");
  const cursor = await hub.cursor(alice);
  await hub.say(alice, "room:milk", "milk");
  for (const text of ["one", "two"]) await hub.say(alice, "room:tea", text);
  const read = await hub.poll(alice, { cursor, channels: ["room:tea"] });
  for (const text of ["three", "four"]) await hub.say(alice, "room:tea", text);
  await hub.store.log.trim(Date.now());

  const ofMilk = await hub.poll(alice, { cursor, channels: ["room:milk"] });
  const ofTea = await hub.poll(alice, { cursor: read.cursor, channels: ["room:tea"] });
  const ofBoth = await hub.poll(alice, { cursor, channels: ["room:milk", "room:tea"] });

  assertEquals([ofMilk.gap, texts(ofMilk)], [false, ["milk"]]);
  assertEquals([ofTea.gap, texts(ofTea)], [true, ["four"]]);
  assertEquals([ofBoth.gap, texts(ofBoth)], [true, ["milk", "four"]]);
});

Deno.test("[P17] a flooding room takes nothing from those who are away", async () => {
  await using hub = await TestHub.open({
    retention: { maxMessages: 100 },
    window: { messages: 10, bytes: 1e6 },
  });
  const [mallory, bob] = [await hub.signIn("mallory"), await hub.signIn("bob")];
  const cursor = await hub.cursor(bob);
  await hub.say(mallory, `direct:${bob.publicToken}`, "psst");
  await hub.store.log.append([{ channel: `notice:${bob.publicToken}`, text: "parcel" }]);
  for (let n = 0; n < 220; n++) await hub.say(mallory, "room:mine", `${n}`);
  while (await hub.store.log.trim(Date.now()));

  const answer = await hub.poll(bob, { cursor, channels: ["room:tea"] });

  assertEquals([answer.gap, texts(answer)], [false, ["psst", "parcel"]]);
});

for (
  const [what, cursorOf] of [
    ["of another epoch", () => "elsewhere.1"],
    ["from the future", (epoch: string) => `${epoch}.1000`],
    ["unreadable", () => "<nonsense>"],
    ["empty", () => ""],
  ] as const
) {
  Deno.test(`[P18] a cursor ${what} gets a gap, the newest messages and the newest place`, async () => {
    await using hub = await TestHub.open();
    const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
    for (let n = 1; n <= 120; n++) await hub.say(alice, "room:tea", `${n}`);
    await hub.say(alice, `direct:${bob.publicToken}`, "psst");
    await hub.say(alice, "room:milk", "not asked for");
    const { epoch } = hub.store.log;

    const answer = await hub.poll(bob, { cursor: cursorOf(epoch) });

    assertEquals([answer.outcome, answer.gap], ["message", true]);
    assertEquals(texts(answer).length, 100);
    assertEquals(texts(answer).slice(-2), ["120", "psst"]);
    assertEquals(answer.cursor, `${epoch}.122`);
  });
}
