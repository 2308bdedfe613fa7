import { assertEquals } from "@std/assert";
import { Chat, type TestUser } from "../support/chat.ts";
import { settle, stopClock } from "../support/clock.ts";
import { texts } from "../support/hub.ts";
import { oldPage } from "../support/legacy.ts";
import { expectRefusal } from "../support/problem.ts";

/** Alice has written to bob, and the system to bob; carol is curious. */
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

/** Addresses of what belongs to alice and bob alone. */
function closedChannels(alice: TestUser, bob: TestUser): readonly string[] {
  const [one, other] = [alice.publicToken, bob.publicToken];
  return [`direct:${one}:${other}`, `direct:${other}:${one}`, `notice:${other}`];
}

/** How carol might try to get at a channel. */
const ATTEMPTS: Record<string, (carol: TestUser, channel: string) => Promise<Response>> = {
  "poll it": (carol, channel) => carol.request("POST", "/api/poll", { channels: [channel] }),
  "poll it among others": (carol, channel) =>
    carol.request("POST", "/api/poll", { channels: ["room:tea", channel] }),
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
  Deno.test(`[R1] carol cannot ${what} where a channel belongs to others`, async () => {
    const { chat, alice, bob, carol } = await openSecret();
    await using _ = chat;

    for (const channel of closedChannels(alice, bob)) {
      await expectRefusal(attempt(carol, channel), 403, "not_allowed");
    }
    assertEquals(chat.internalErrors, []);
  });
}

Deno.test("[R1] the two may do all that, but write notices", async () => {
  const { chat, alice, bob } = await openSecret();
  await using _ = chat;
  const [direct = "", , notices = ""] = closedChannels(alice, bob);

  for (const attempt of Object.values(ATTEMPTS)) {
    assertEquals((await attempt(bob, direct)).ok, true);
  }
  assertEquals((await bob.request("GET", `/api/channels/${notices}/messages`)).status, 200);
  await expectRefusal(bob.say(notices, "I have won"), 403, "not_allowed");
});

Deno.test("[R1] carol's poll is neither woken nor answered with what is not hers", async () => {
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

Deno.test("[R1] a cursor that is worth nothing gives carol nothing that is not hers", async () => {
  const { chat, carol } = await openSecret();
  await using _ = chat;

  for (const cursor of ["nonsense", "otherepoch.0", "otherepoch.99"]) {
    assertEquals(texts(await carol.poll({ cursor, channels: ["room:tea"] })), []);
  }
});

Deno.test("[R1] carol's own direct channel with bob tells nothing of his with alice", async () => {
  const { chat, bob, carol } = await openSecret();
  await using _ = chat;

  const response = await carol.request("GET", `/api/channels/direct:${bob.publicToken}/messages`);

  assertEquals(await response.json(), { messages: [], more: false });
});

for (
  const topic of ["inbox", "inbox:bob", "inbox:self", "Room:tea", "direct", "direct:bob:carol:x"]
) {
  Deno.test(`[R1] "${topic}" is no channel that could be polled`, async () => {
    const { chat, bob, carol } = await openSecret();
    await using _ = chat;
    const channel = topic.replace("bob", bob.publicToken).replace("self", carol.publicToken);

    const polling = carol.request("POST", "/api/poll", { channels: [channel] });

    await expectRefusal(polling, 422, "invalid_request");
  });
}

Deno.test("[R1] an old page cannot write into somebody else's direct channel", async () => {
  const { chat, alice, bob, carol, cursor } = await openSecret();
  await using _ = chat;
  const page = oldPage(chat, carol);

  const sending = page.say("I know", `${alice.publicToken}:${bob.publicToken}`);

  await expectRefusal(sending, 403, "not_allowed");
  assertEquals(texts(await bob.poll({ cursor })), ["a secret", "a notice for bob"]);
});

Deno.test("[R1] an old page gets nothing that is somebody else's", async () => {
  using clock = stopClock();
  const { chat, carol } = await openSecret();
  await using _ = chat;
  const polling = oldPage(chat, carol).poll();

  await clock.pass(30_000);

  assertEquals(await polling, "Name:timedout;MessageId:0;");
});

Deno.test("[R1] a refused channel among those of a poll changes nobody's presence", async () => {
  const { chat, alice, bob, carol } = await openSecret();
  await using _ = chat;
  const [direct = ""] = closedChannels(alice, bob);

  await carol.request("POST", "/api/poll", { channels: ["room:tea", direct] });

  const response = await bob.request("GET", "/api/channels/room:tea/presence");
  assertEquals(await response.json(), { present: [], total: 0 });
});
