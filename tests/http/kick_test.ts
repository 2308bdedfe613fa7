import { assert, assertEquals, assertRejects } from "@std/assert";
import { Refused } from "../../server/core/model/refused.ts";
import { Chat, KEYS } from "../support/chat.ts";
import { settle, stopClock } from "../support/clock.ts";
import { TestHub } from "../support/hub.ts";
import { expectRefusal } from "../support/problem.ts";
import { fetchSession, JWT, now, tokenFor } from "../support/tokens.ts";

function kick(chat: Chat, publicToken: string, key: string = KEYS.admin) {
  return chat.app.request(`/api/sessions/${publicToken}`, {
    method: "DELETE",
    headers: { authorization: `Bearer ${key}` },
  });
}

Deno.test("[Q10] a kick cancels all polls of a session and ends the private token of a guest", async () => {
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const { cursor } = await alice.poll();
  const parked = ["x", "y"].map((tab) => alice.poll({ cursor, tab }));
  const bobsPoll = bob.poll({ cursor });
  await settle();

  assertEquals((await kick(chat, alice.publicToken)).status, 204);

  for (const poll of parked) {
    const { outcome, reason } = await poll;
    assertEquals([outcome, reason], ["cancelled", "kicked"]);
  }
  await expectRefusal(fetchSession(chat, alice.privateToken), 401, "kicked");
  assertEquals(chat.test.hub.parked, 1);
  await expectRefusal(kick(chat, alice.publicToken), 404, "not_found");
  await kick(chat, bob.publicToken);
  await bobsPoll;
});

Deno.test("[Q10] a kick requires the scope admin, or the right to administer everything", async () => {
  await using chat = await Chat.open({ jwt: JWT });
  const alice = await chat.withToken(await tokenFor());
  const token = (admin: string[]) => tokenFor({ sub: "43", name: "bob", channels: { admin } });

  for (const key of [KEYS.publish, KEYS.read, alice.privateToken, await token(["room:*"])]) {
    await expectRefusal(kick(chat, alice.publicToken, key), 403, "not_allowed");
  }
  await expectRefusal(kick(chat, alice.publicToken, "nonsense"), 401, "not_signed_in");
  assertEquals((await kick(chat, alice.publicToken, await token(["*"]))).status, 204);
});

for (const how of ["a kick", "a sign-out"]) {
  Deno.test(`[Q10] after ${how} the tokens that the user got before are refused`, async () => {
    using clock = stopClock();
    await using chat = await Chat.open({ jwt: JWT });
    const [old, other, undated] = [
      await tokenFor(),
      await tokenFor({ exp: now() + 900 }),
      await tokenFor({ iat: undefined }),
    ];
    const alice = await chat.withToken(old);
    await chat.withToken(undated);
    await clock.pass(500);

    if (how === "a kick") await kick(chat, alice.publicToken);
    else await alice.request("DELETE", "/api/session");

    for (const token of [old, other, undated]) {
      await expectRefusal(fetchSession(chat, token), 401, "not_signed_in");
    }
    await clock.pass(1_000);
    await chat.test.hub.publishing.publish("api:shop", [{ to: "user:42", text: "waits" }]);
    const again = await chat.withToken(await tokenFor());
    assertEquals(again.publicToken, alice.publicToken);
    await expectRefusal(fetchSession(chat, old), 401, "not_signed_in");
    const test = await TestHub.open({}, chat.test.store);
    await using _ = test.hub;
    const restarted = Chat.over(test, { jwt: JWT });
    await expectRefusal(fetchSession(restarted, old), 401, "not_signed_in");
    assertEquals((await fetchSession(restarted, again.privateToken)).status, 200);
  });
}

Deno.test("[Q10] a sign-out invalidates its token also if the clock of the application is ahead", async () => {
  using clock = stopClock();
  await using chat = await Chat.open({ jwt: { ...JWT, clockSkew: 5_000 } });
  const token = await tokenFor({ iat: now() + 3 });
  const alice = await chat.withToken(token);

  await alice.request("DELETE", "/api/session");

  await expectRefusal(fetchSession(chat, token), 401, "not_signed_in");
  await clock.pass(4_000);
  assertEquals((await fetchSession(chat, await tokenFor())).status, 200);
});

Deno.test("[Q10] a request that was authenticated just before a kick is refused", async () => {
  await using chat = await Chat.open({ jwt: JWT });
  const { hub } = chat.test;
  const token = await tokenFor();
  const { publicToken } = await chat.withToken(token);
  const session = await hub.sessions.find(publicToken);

  await hub.accounts.kick(publicToken);

  assert(session);
  const error = await assertRejects(() => chat.test.poll(session), Refused);
  assertEquals(error.refusal, "not_signed_in");
});
