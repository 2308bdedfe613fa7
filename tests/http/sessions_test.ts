import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { guestRightsOf } from "../../server/http/auth/auth_settings.ts";
import { answer, Chat, SETTINGS } from "../support/chat.ts";
import { settle } from "../support/clock.ts";
import { expectRefusal } from "../support/problem.ts";
import type { SignedIn } from "../../server/protocol/replies.ts";

Deno.test("[N1] signing in is answered 201 with the session and its private token", async () => {
  await using chat = await Chat.open();

  const { status, body } = await answer(
    chat.request("POST", "/api/sessions", { displayName: "alice" }),
  );

  assertEquals(status, 201);
  const { publicToken, privateToken, ...rest } = body as SignedIn;
  assertEquals(rest, { displayName: "alice", settings: SETTINGS });
  assertMatch(publicToken, /^[A-Za-z0-9_-]{16}$/);
  assertMatch(privateToken, /^[A-Za-z0-9_-]{32}$/);
});

Deno.test("[N1] two people with the same name have two sessions", async () => {
  await using chat = await Chat.open();

  const [one, other] = [await chat.signIn("alice"), await chat.signIn("alice")];

  assertNotEquals(one.publicToken, other.publicToken);
  assertNotEquals(one.privateToken, other.privateToken);
});

Deno.test("[N1] the session is returned without the private token", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");

  const { status, body } = await answer(alice.request("GET", "/api/session"));

  assertEquals(status, 200);
  assertEquals(body, { publicToken: alice.publicToken, displayName: "alice", settings: SETTINGS });
});

Deno.test("[Q20] the settings name the home room only to sessions that may read it", async () => {
  const tea = { read: ["room:tea"], direct: true, reservedNames: [], write: ["*"] };
  await using lobby = await Chat.open();
  await using team = await Chat.open({ guestRights: guestRightsOf(tea) });

  for (const [chat, home] of [[lobby, "room:lobby"], [team, undefined]] as const) {
    const signedIn = await answer(chat.request("POST", "/api/sessions", { displayName: "alice" }));
    const alice = await chat.signIn("alice");
    const session = await answer(alice.request("GET", "/api/session"));

    for (const { body } of [signedIn, session]) {
      const { home: _, ...others } = SETTINGS;
      const expected = home === undefined ? others : { ...others, home };
      assertEquals(Reflect.get(Object(body), "settings"), expected);
    }
  }
});

Deno.test("[N1] signing out is answered 204 without a body", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");

  const response = await alice.request("DELETE", "/api/session");

  assertEquals([response.status, await response.text()], [204, ""]);
});

Deno.test("[P15] signing out answers the parked poll 200 cancelled", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  const { cursor } = await alice.poll();
  const parked = answer(alice.request("POST", "/api/poll", { cursor }));
  await settle();

  await alice.request("DELETE", "/api/session");

  assertEquals(await parked, {
    status: 200,
    body: {
      outcome: "cancelled",
      reason: "signed_out",
      cursor,
      messages: [],
      signals: [],
      gap: false,
      retryAfter: 0,
    },
  });
});

Deno.test("[R3] a direct message to an ended session is refused", async () => {
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  await bob.request("DELETE", "/api/session");

  const sending = alice.say(`direct:${bob.publicToken}`, "hello");

  await expectRefusal(sending, 404, "unknown_recipient");
  assertEquals(await chat.test.store.log.newestId(), 0);
});
