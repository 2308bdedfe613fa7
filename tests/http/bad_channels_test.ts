import { assertEquals } from "@std/assert";
import { Chat, type TestUser } from "../support/chat.ts";
import { expectHarmless, expectOrdinaryConversation } from "../support/conversation.ts";
import { texts } from "../support/hub.ts";
import { expectRefusal } from "../support/problem.ts";

const INVALID = { status: 422, code: "invalid_request" } as const;

/** Each way in which a body can name a channel. */
const NAMING: Record<string, (alice: TestUser, channel: string) => Promise<Response>> = {
  "polled": (alice, channel) => alice.request("POST", "/api/poll", { channels: [channel] }),
  "sent to": (alice, channel) => alice.say(channel, "hello"),
  "typed in": (alice, channel) =>
    alice.request("POST", "/api/signals", { channel, type: "typing" }),
};

const NO_CHANNELS = [
  "",
  "room",
  "room:",
  "room:tea:",
  "room:tea:milk",
  ":room:tea",
  "ROOM:tea",
  " room:tea",
  "room:te a",
  "room:tea/../milk",
  "room:tea\u0000",
  "room:\ud800",
  "room:\u202etea",
  "room:*",
  "direct:",
  "direct:bob",
  "direct:AAAAAAAAAAAAAAAA:",
  "direct:AAAAAAAAAAAAAAA'",
  "notice:",
  "notice:all",
  "inbox:AAAAAAAAAAAAAAAA",
  "__proto__",
];

for (const [how, name] of Object.entries(NAMING)) {
  Deno.test(`[N5] what is no channel cannot be ${how}`, async () => {
    await using chat = await Chat.open();
    const alice = await chat.signIn("alice");

    for (const channel of NO_CHANNELS) {
      await expectRefusal(name(alice, channel), 422, "invalid_request");
    }
    await expectOrdinaryConversation(chat);
  });

  Deno.test(`[N5] a channel's name of 10,000 characters cannot be ${how}, nor is it repeated`, async () => {
    await using chat = await Chat.open();
    const alice = await chat.signIn("alice");

    const naming = name(alice, `room:${"x".repeat(10_000)}`);

    const { detail } = await expectRefusal(naming, 422, "invalid_request");
    assertEquals(detail.length < 200, true);
    await expectOrdinaryConversation(chat);
  });
}

Deno.test("[N5] 257 channels are refused", async () => {
  const channels = Array.from({ length: 257 }, (_, n) => `room:${n}`);

  await expectHarmless((alice) => alice.request("POST", "/api/poll", { channels }), INVALID);
});

Deno.test("[N5] a room that is named 256 times is read once", async () => {
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const { cursor } = await bob.poll();
  await alice.say("room:tea", "hello");

  const reply = await bob.poll({ cursor, channels: Array(256).fill("room:tea") });

  assertEquals(texts(reply), ["hello"]);
});

Deno.test("[N5] a channel that is refused after 255 others changes nothing", async () => {
  const channels = [...Array.from({ length: 255 }, (_, n) => `room:${n}`), "nonsense"];

  await expectHarmless((alice) => alice.request("POST", "/api/poll", { channels }), INVALID);
});

/** Paths in whose middle a channel stands, percent-encoded in peculiar ways. */
const TRICKS = [
  "room:tea%2F..%2Fmilk",
  "room:tea%252Fmilk",
  "room%253Atea",
  "room:tea%00",
  "room:tea%0d%0aset-cookie:x=1",
  "room:%ff%fe",
  "room:%zz",
  "room:%",
  "room:tea%20",
  "room:tea+milk",
  "room:tea%3Flimit=1",
  "room:tea%23",
  "room:%ED%A0%80",
  "room:%C0%AE%C0%AE",
  "notice%3AAAAAAAAAAAAAAAA%00",
  "room:%E2%80%AEtea",
  `room:${"x".repeat(10_000)}`,
];

for (const channel of TRICKS) {
  const shown = channel.slice(0, 40);
  Deno.test(`[N5] ${shown} is no channel of which there is history or presence`, async () => {
    await expectHarmless(
      (alice) => alice.request("GET", `/api/channels/${channel}/messages`),
      INVALID,
    );
    await expectHarmless(
      (alice) => alice.request("GET", `/api/channels/${channel}/presence`),
      INVALID,
    );
  });
}

for (const channel of [".", "..", "%2e%2e", "%2e", "room:tea/../../..", "room:tea/%2e%2e"]) {
  Deno.test(`[N5] a path with ${channel} in it leads to no history`, async () => {
    await using chat = await Chat.open();
    const alice = await chat.signIn("alice");

    const response = await alice.request("GET", `/api/channels/${channel}/messages`);

    assertEquals([404, 405].includes(response.status), true);
    await expectOrdinaryConversation(chat);
  });
}
