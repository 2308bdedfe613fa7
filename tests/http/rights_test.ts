import { assertEquals } from "@std/assert";
import { Chat, type TestUser } from "../support/chat.ts";
import { settle, stopClock } from "../support/clock.ts";
import { texts } from "../support/hub.ts";
import { legacyPage } from "../support/legacy.ts";
import { expectRefusal } from "../support/problem.ts";

/** Bob has messages from alice and from the system. Carol has no right to read them. */
async function openSecret() {
  const chat = await Chat.open();
  const [alice, bob, carol] = [
    await chat.signIn("alice"),
    await chat.signIn("bob"),
    await chat.signIn("carol"),
  ];
  const { cursor } = await carol.poll();
  await alice.say(`direct:${bob.publicToken}`, "a secret");
  const notice = { channel: `notice:${bob.publicToken}`, text: "a notice for bob" };
  await chat.test.store.log.append([notice]);
  return { chat, alice, bob, carol, cursor };
}

/** Channels of alice and bob. */
function closedChannels(alice: TestUser, bob: TestUser): readonly string[] {
  const [one, other] = [alice.publicToken, bob.publicToken];
  return [`direct:${one}:${other}`, `direct:${other}:${one}`, `notice:${other}`];
}

/** All routes that access a channel. */
const ATTEMPTS: Record<string, (carol: TestUser, channel: string) => Promise<Response>> = {
  "read its history": (carol, channel) => carol.request("GET", `/api/channels/${channel}/messages`),
  "read its history, percent-encoded": (carol, channel) =>
    carol.request("GET", `/api/channels/${encodeURIComponent(channel)}/messages`),
  "see its presence": (carol, channel) => carol.request("GET", `/api/channels/${channel}/presence`),
  "send to it": (carol, channel) => carol.say(channel, "I know"),
  "send data to it": (carol, channel) => carol.send({ channel, data: "I know" }),
  "type in it": (carol, channel) =>
    carol.request("POST", "/api/signals", { channel, type: "typing" }),
};

for (const [what, attempt] of Object.entries(ATTEMPTS)) {
  Deno.test(`[R1] carol cannot ${what} if the channel belongs to others`, async () => {
    const { chat, alice, bob, carol } = await openSecret();
    await using _ = chat;

    for (const channel of closedChannels(alice, bob)) {
      await expectRefusal(attempt(carol, channel), 403, "not_allowed");
    }
    assertEquals(chat.internalErrors, []);
  });
}

Deno.test("[R1] the two people can do all that, except write notices", async () => {
  const { chat, alice, bob } = await openSecret();
  await using _ = chat;
  const [direct = "", , notices = ""] = closedChannels(alice, bob);

  for (const attempt of Object.values(ATTEMPTS)) {
    assertEquals((await attempt(bob, direct)).ok, true);
  }
  assertEquals((await bob.request("GET", `/api/channels/${notices}/messages`)).status, 200);
  await expectRefusal(bob.say(notices, "I have won"), 403, "not_allowed");
});

Deno.test("[R1] a poll is not answered with direct messages of others", async () => {
  using clock = stopClock();
  const { chat, alice, bob, carol, cursor } = await openSecret();
  await using _ = chat;
  const parked = carol.poll({ cursor });
  await settle();

  await alice.say(`direct:${bob.publicToken}`, "another secret");
  await clock.pass(60_000);

  const { outcome, messages, signals } = await parked;
  assertEquals([outcome, messages, signals], ["timedout", [], []]);
});

Deno.test("[R1] a poll with an invalid cursor does not get messages of others", async () => {
  const { chat, carol } = await openSecret();
  await using _ = chat;

  for (const cursor of ["nonsense", "otherepoch.0", "otherepoch.99"]) {
    assertEquals(texts(await carol.poll({ cursor, channels: ["room:tea"] })), []);
  }
});

Deno.test("[R1] the direct channels of one person are separate", async () => {
  const { chat, bob, carol } = await openSecret();
  await using _ = chat;

  const response = await carol.request("GET", `/api/channels/direct:${bob.publicToken}/messages`);

  assertEquals(await response.json(), { messages: [], more: false });
});

Deno.test("[R1] a legacy page cannot write to a direct channel of others", async () => {
  const { chat, alice, bob, carol, cursor } = await openSecret();
  await using _ = chat;
  const page = legacyPage(chat, carol);

  const sending = page.say("I know", `${alice.publicToken}:${bob.publicToken}`);

  await expectRefusal(sending, 403, "not_allowed");
  assertEquals(texts(await bob.poll({ cursor })), ["a secret", "a notice for bob"]);
});

Deno.test("[R1] a legacy page does not get messages of others", async () => {
  using clock = stopClock();
  const { chat, carol } = await openSecret();
  await using _ = chat;
  const polling = legacyPage(chat, carol).poll();

  await clock.pass(30_000);

  assertEquals(await polling, "Name:timedout;MessageId:0;");
});

Deno.test("[R1] a poll that names channels of others gets nothing from them, and is told so", async () => {
  const { chat, alice, bob, carol, cursor } = await openSecret();
  await using _ = chat;
  const closed = closedChannels(alice, bob);

  const reply = await carol.poll({ cursor, channels: ["room:tea", ...closed], hold: 0 });

  assertEquals(reply.messages, []);
  assertEquals(reply.refused, closed.map((channel) => ({ channel, code: "not_allowed" as const })));
});
