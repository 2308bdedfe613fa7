import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { answer, Chat, SETTINGS } from "../support/chat.ts";
import { settle } from "../support/clock.ts";
import type { SignedIn } from "../../server/protocol/replies.ts";
import { expectRefusal } from "../support/problem.ts";

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

Deno.test("[N1] two who sign in with one name are two sessions", async () => {
  await using chat = await Chat.open();

  const [one, other] = [await chat.signIn("alice"), await chat.signIn("alice")];

  assertNotEquals(one.publicToken, other.publicToken);
  assertNotEquals(one.privateToken, other.privateToken);
});

Deno.test("[N1] the session tells who one is, and not the private token", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");

  const { status, body } = await answer(alice.request("GET", "/api/session"));

  assertEquals(status, 200);
  assertEquals(body, { publicToken: alice.publicToken, displayName: "alice", settings: SETTINGS });
});

Deno.test("[N1] a display name is told as it is shown: composed, without blanks around it", async () => {
  await using chat = await Chat.open();

  const { body } = await answer(
    chat.request("POST", "/api/sessions", { displayName: "  Zoe\u0308 彗星 ☄️ " }),
  );

  assertEquals((body as { displayName: string }).displayName, "Zoë 彗星 ☄️");
});

for (const displayName of ["", "   ", "a\nb", "a\u0000b", "\ud800", "x".repeat(65)]) {
  const shown = JSON.stringify(displayName.slice(0, 8));
  Deno.test(`[A6] the display name ${shown} (${displayName.length}) is refused`, async () => {
    await using chat = await Chat.open();

    const signingIn = chat.request("POST", "/api/sessions", { displayName });

    await expectRefusal(signingIn, 422, "invalid_request");
  });
}

Deno.test("[N1] signing out is answered 204 without a body", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");

  const response = await alice.request("DELETE", "/api/session");

  assertEquals([response.status, await response.text()], [204, ""]);
});

Deno.test("[S2] a private token is known until its session signs out, and nobody else's ends", async () => {
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];

  await alice.request("DELETE", "/api/session");

  await expectRefusal(alice.request("GET", "/api/session"), 401, "not_signed_in");
  await expectRefusal(alice.request("DELETE", "/api/session"), 401, "not_signed_in");
  assertEquals((await bob.request("GET", "/api/session")).status, 200);
});

Deno.test("[P15] signing out answers the parked poll 200, cancelled and signed out", async () => {
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

Deno.test("[R3] who has signed out cannot be written to", async () => {
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  await bob.request("DELETE", "/api/session");

  const saying = alice.say(`direct:${bob.publicToken}`, "hello");

  await expectRefusal(saying, 404, "unknown_recipient");
});
