import { assertEquals } from "@std/assert";
import type { SignedIn, Transfer } from "../../server/protocol/replies.ts";
import { answer, Chat, KEYS, SETTINGS, type TestUser } from "../support/chat.ts";
import { stopClock } from "../support/clock.ts";
import { openLimits } from "../support/limits.ts";
import { expectRefusal } from "../support/problem.ts";
import { requestsFrom, statuses } from "../support/requests_from.ts";
import { JWT, tokenFor } from "../support/tokens.ts";

const HOME = "203.0.113.7";

async function codeOf(user: TestUser): Promise<string> {
  const transfer: Transfer = await (await user.request("POST", "/api/session/transfer", {})).json();
  return transfer.code;
}

Deno.test("[S6] a change of the name is answered with the session", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");

  const reply = await answer(alice.request("PATCH", "/api/session", { displayName: " Alice " }));

  const session = { publicToken: alice.publicToken, displayName: "Alice", settings: SETTINGS };
  assertEquals(reply, { status: 200, body: session });
  assertEquals((await answer(alice.request("GET", "/api/session"))).body, session);
});

Deno.test("[S6] an invalid change of the name is refused with the reason", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  const rename = (body: unknown) => alice.request("PATCH", "/api/session", body);

  await expectRefusal(rename({ displayName: "" }), 422, "invalid_request");
  await expectRefusal(rename({ displayName: "a\nb" }), 422, "invalid_request");
  await expectRefusal(rename({ displayName: "Ѕystem" }), 422, "name_reserved");
  await expectRefusal(rename({ displayName: "Alice", userId: "1" }), 422, "invalid_request");
  await expectRefusal(rename({}), 422, "invalid_request");

  const { body } = await answer(alice.request("GET", "/api/session"));
  assertEquals(Reflect.get(Object(body), "displayName"), "alice");
});

Deno.test("[S9] a code is answered 201, shown without being used, and exchanged for the session", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");

  const made = await answer(alice.request("POST", "/api/session/transfer", {}));
  const { code } = made.body as Transfer;
  const shown = await answer(chat.request("POST", "/api/transfers/preview", { code }));
  const taken = await answer(chat.request("POST", "/api/transfers", { code }));

  assertEquals([made.status, shown.status, taken.status], [201, 200, 201]);
  const person = { publicToken: alice.publicToken, displayName: "alice" };
  assertEquals(shown.body, person);
  const { privateToken, ...session } = taken.body as SignedIn;
  assertEquals(session, { ...person, settings: SETTINGS });
  assertEquals(privateToken === alice.privateToken, false);
  for (const token of [privateToken, alice.privateToken]) {
    const again = await chat.withToken(token);
    assertEquals(again.publicToken, alice.publicToken);
  }
});

Deno.test("[S10] a code is refused after its use, and so is what is no code", async () => {
  await using chat = await Chat.open();
  const code = await codeOf(await chat.signIn("alice"));
  await chat.request("POST", "/api/transfers", { code });

  for (const path of ["/api/transfers", "/api/transfers/preview"]) {
    const ask = (body: unknown) => chat.request("POST", path, body);
    await expectRefusal(ask({ code }), 401, "not_signed_in");
    await expectRefusal(ask({ code: "" }), 401, "not_signed_in");
    await expectRefusal(ask({ code: "x".repeat(65) }), 422, "invalid_request");
    await expectRefusal(ask({}), 422, "invalid_request");
  }
});

Deno.test("[S10] who guesses codes is limited like who guesses tokens", async () => {
  using _clock = stopClock();
  const { limits } = openLimits({ WRONG_TOKENS_PER_ADDRESS: "3/60s" });
  await using chat = await Chat.open({ limits });
  const alice = await chat.signIn("alice");
  const guess = (path: string) => () =>
    requestsFrom(HOME)(chat, path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ code: `${alice.publicToken}.${"A".repeat(32)}` }),
    });

  assertEquals(await statuses(3, guess("/api/transfers/preview")), { 401: 3 });
  assertEquals(await statuses(2, guess("/api/transfers")), { 429: 2 });
});

Deno.test("[S8] users of an application can change no name and get no code", async () => {
  await using chat = await Chat.open({ jwt: JWT });
  const alice = await chat.withToken(await tokenFor());
  const code = { code: `${alice.publicToken}.${"A".repeat(32)}` };

  const rename = alice.request("PATCH", "/api/session", { displayName: "Alice" });
  await expectRefusal(rename, 403, "not_allowed");
  await expectRefusal(alice.request("POST", "/api/session/transfer", {}), 403, "not_allowed");
  await expectRefusal(chat.request("POST", "/api/transfers", code), 403, "token_required");
  await expectRefusal(chat.request("POST", "/api/transfers/preview", code), 403, "token_required");
});

Deno.test("[S8] an API key has neither a name to change nor a code", async () => {
  await using chat = await Chat.open();
  const backEnd = chat.user({ publicToken: "", displayName: "", privateToken: KEYS.admin });

  const rename = backEnd.request("PATCH", "/api/session", { displayName: "Alice" });
  await expectRefusal(rename, 403, "not_allowed");
  await expectRefusal(backEnd.request("POST", "/api/session/transfer", {}), 403, "not_allowed");
});
