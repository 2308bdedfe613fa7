import { assertEquals, assertRejects } from "@std/assert";
import { Refused } from "../../../server/core/model/refused.ts";
import { rightsOf } from "../../../server/core/model/rights.ts";
import type { Session } from "../../../server/core/model/session.ts";
import { settle } from "../../support/clock.ts";
import { TestHub } from "../../support/hub.ts";

/** What a stranger can do to the conversation with bob who may not be written to, without having a message from him. */
const APPROACHES: Record<
  string,
  (hub: TestHub, stranger: Session, channel: string) => Promise<unknown>
> = {
  "opens the conversation": ({ hub }, stranger, channel) =>
    hub.conversations.open(stranger, channel),
  "marks it as read": ({ hub }, stranger, channel) =>
    hub.conversations.open(stranger, channel, { readUpTo: 1 }),
  "marks it as read up to ids that do not exist": ({ hub }, stranger, channel) =>
    hub.conversations.open(stranger, channel, { readUpTo: 1_000 }),
  "marks it as read in steps": async (hub, stranger, channel) => {
    for (let n = 0; n < 3; n++) {
      const { id } = await hub.say(stranger, "room:milk", "hello");
      await hub.hub.conversations.open(stranger, channel, { readUpTo: id });
    }
  },
  "opens and closes it": async ({ hub }, stranger, channel) => {
    await hub.conversations.open(stranger, channel, { readUpTo: 1 });
    await hub.conversations.close(stranger, channel);
    await hub.conversations.open(stranger, channel, { readUpTo: 1 });
  },
  "types": (hub, stranger, channel) =>
    assertRejects(async () => await hub.hub.typing(stranger, channel), Refused),
};

for (const [what, approach] of Object.entries(APPROACHES)) {
  Deno.test(`[D8] a stranger who ${what} wakes no poll of the other person`, async () => {
    const guestRights = rightsOf({ read: ["*"], write: ["room:*"] });
    await using hub = await TestHub.open({ guestRights });
    const [stranger, bob] = [await hub.signIn("stranger"), await hub.signIn("bob")];
    await hub.say(bob, "room:tea", "hello");
    const cursor = await hub.cursor(bob);
    const poll = hub.poll(bob, { cursor, channels: ["room:tea"], wantsSignals: true });
    await settle();

    await approach(hub, stranger, `direct:${bob.publicToken}`);
    await settle();

    assertEquals(hub.hub.parked, 1);
    await hub.say(bob, "room:tea", "still here");
    const { signals, messages } = await poll;
    assertEquals([signals, messages.length], [[], 1]);
  });
}

Deno.test("[D8] a read position that covers only own messages is not signalled to the other person", async () => {
  await using hub = await TestHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  const { id, channel } = await hub.say(alice, `direct:${bob.publicToken}`, "hello");
  const [own, others] = [await hub.cursor(alice), await hub.cursor(bob)];
  const poll = hub.poll(alice, { cursor: own, channels: [], wantsSignals: true });
  const aside = hub.poll(bob, { cursor: others, channels: [], wantsSignals: true, hold: 1_000 });

  await hub.hub.conversations.open(alice, channel, { readUpTo: id });

  assertEquals((await poll).signals.map(({ type }) => type), ["read"]);
  assertEquals((await aside).signals, []);
});

Deno.test("[D8] read positions of a person who may not answer are still signalled", async () => {
  const guestRights = rightsOf({ read: ["*"], write: ["room:*"] });
  await using hub = await TestHub.open({ guestRights });
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  const writing = { ...bob, rights: rightsOf({ write: ["*"] }) };
  const { id, channel } = await hub.say(writing, `direct:${alice.publicToken}`, "hello");
  for (let n = 0; n < 150; n++) await hub.say(writing, channel, `text ${n}`);
  const poll = hub.poll(bob, { cursor: await hub.cursor(bob), channels: [], wantsSignals: true });

  await hub.hub.conversations.open(alice, channel, { readUpTo: id });

  assertEquals((await poll).signals.map(({ type }) => type), ["read"]);
});
