import { assertEquals, assertMatch } from "@std/assert";
import type { Erasure } from "../../server/protocol/admin_replies.ts";
import { Chat, KEYS } from "../support/chat.ts";
import { expectRefusal } from "../support/problem.ts";
import { waitUntil } from "../support/wait_until.ts";
import { JWT, tokenFor } from "../support/tokens.ts";

function request(chat: Chat, method: string, path: string, key: string = KEYS.admin) {
  return Promise.resolve(
    chat.app.request(`/api${path}`, { method, headers: { authorization: `Bearer ${key}` } }),
  );
}

/** Starts the job, as the server does. */
function startJob({ test: { hub } }: Chat): AsyncDisposable {
  return hub.erasures.startJob({ onDone: () => {}, onError: reportError });
}

async function finish(chat: Chat, { id }: Erasure): Promise<Erasure> {
  let erasure: Erasure | undefined;
  await waitUntil(async () => {
    erasure = await (await request(chat, "GET", `/erasures/${id}`)).json();
    return erasure?.state === "done";
  }, "the erasure is done");
  return erasure!;
}

Deno.test("[M56] an erasure is answered with 202 and the address where it can be asked for", async () => {
  await using chat = await Chat.open();
  await using _ = startJob(chat);
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  await alice.say("room:tea", "one");
  await alice.say(`direct:${bob.publicToken}`, "psst");

  const response = await request(chat, "DELETE", `/sessions/${alice.publicToken}?erase=true`);
  const erasure: Erasure = await response.json();
  const { state, erased, scanned, startedAt, doneAt = 0 } = await finish(chat, erasure);

  const address = `../erasures/${alice.publicToken}`;
  assertEquals([response.status, response.headers.get("location")], [202, address]);
  assertEquals([erasure.id, erasure.state], [alice.publicToken, "running"]);
  assertEquals([state, erased, scanned >= 2, doneAt >= startedAt], ["done", 2, true, true]);
  const history = await bob.request("GET", "/api/channels/room:tea/messages");
  assertEquals((await history.json()).messages, []);
  assertEquals((await (await bob.request("GET", "/api/conversations")).json()).conversations, []);
});

Deno.test("[M56] a user is erased under the id of the application, whatever characters it has", async () => {
  await using chat = await Chat.open();
  await using _ = startJob(chat);
  const userId = "team/42 ü%";
  const { hub } = chat.test;
  await hub.publishing.publish("shop", [{ to: `user:${userId}`, text: "order" }]);

  const response = await request(chat, "DELETE", `/users/${encodeURIComponent(userId)}`);
  const erasure: Erasure = await response.json();

  assertEquals([response.status, erasure.id], [202, await hub.sessions.tokenOf(userId)]);
  assertEquals((await finish(chat, erasure)).erased, 1);
});

Deno.test("[M56] erasing requires the scope admin, or the right to administer everything", async () => {
  await using chat = await Chat.open({ jwt: JWT });
  const alice = await chat.withToken(await tokenFor());
  const token = (admin: string[]) => tokenFor({ sub: "43", name: "bob", channels: { admin } });
  const paths = [
    ["DELETE", `/sessions/${alice.publicToken}?erase=true`],
    ["DELETE", "/users/42"],
    ["GET", `/erasures/${alice.publicToken}`],
  ] as const;

  for (const [method, path] of paths) {
    for (const key of [KEYS.publish, KEYS.users, KEYS.read, await token(["room:*"])]) {
      await expectRefusal(request(chat, method, path, key), 403, "not_allowed");
    }
    await expectRefusal(request(chat, method, path, "nonsense"), 401, "not_signed_in");
  }

  assertEquals((await request(chat, "DELETE", "/users/42", await token(["*"]))).status, 202);
});

for (
  const [what, method, path, status, code] of [
    ["no public token", "DELETE", "/sessions/nobody?erase=true", 404, "not_found"],
    ["an unknown erasure", "GET", "/erasures/nobodyNobodyNobo", 404, "not_found"],
    ["a user id with a control character", "DELETE", "/users/4%002", 422, "invalid_request"],
    ["a user id that is too long", "DELETE", `/users/${"4".repeat(129)}`, 422, "invalid_request"],
    ["another word for true", "DELETE", "/sessions/x?erase=yes", 422, "invalid_request"],
    ["an unknown parameter", "DELETE", "/sessions/x?erased=true", 422, "invalid_request"],
  ] as const
) {
  Deno.test(`[M56] ${what} is refused with ${status}`, async () => {
    await using chat = await Chat.open();

    await expectRefusal(request(chat, method, path), status, code);

    assertMatch(String(await chat.test.store.keyValue.get("erasures")), /^undefined$/);
  });
}
