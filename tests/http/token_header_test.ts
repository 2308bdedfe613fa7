import { assertEquals } from "@std/assert";
import { Chat, KEYS } from "../support/chat.ts";
import { expectRefusal } from "../support/problem.ts";

const sessionWith = (chat: Chat, headers: Record<string, string>) =>
  Promise.resolve(chat.app.request("/api/session", { headers }));

for (
  const [what, others] of [
    ["alone", {}],
    ["beside the Basic credentials of a gateway", { authorization: "Basic YWxpY2U6dGVh" }],
    ["beside the token of a gateway", { authorization: "Bearer AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" }],
  ] as const
) {
  Deno.test(`[N12] a private token in X-Halley-Token, ${what}, is accepted`, async () => {
    await using chat = await Chat.open();
    const { privateToken, publicToken } = await chat.signIn("alice");

    const response = await sessionWith(chat, { ...others, "x-halley-token": privateToken });

    assertEquals((await response.json()).publicToken, publicToken);
  });
}

Deno.test("[N12] an API key in X-Halley-Token is accepted", async () => {
  await using chat = await Chat.open();

  const response = await chat.app.request("/api/admin/overview", {
    headers: { "x-halley-token": KEYS.admin, authorization: "Basic YWxpY2U6dGVh" },
  });

  assertEquals(response.status, 200);
});

Deno.test("[N12] a wrong token in X-Halley-Token is refused, even beside a valid one; an empty header counts as none", async () => {
  await using chat = await Chat.open();
  const { privateToken } = await chat.signIn("alice");
  const authorization = `Bearer ${privateToken}`;

  const wrong = await sessionWith(chat, { authorization, "x-halley-token": "A".repeat(32) });
  const empty = await sessionWith(chat, { authorization, "x-halley-token": "" });
  const none = await sessionWith(chat, { "x-halley-token": "" });

  await expectRefusal(wrong, 401, "not_signed_in");
  assertEquals(empty.status, 200);
  await expectRefusal(none, 401, "not_signed_in");
});
