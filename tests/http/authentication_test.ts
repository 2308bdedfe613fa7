import { assertEquals } from "@std/assert";
import { Chat } from "../support/chat.ts";
import { expectOrdinaryConversation } from "../support/conversation.ts";
import { expectRefusal } from "../support/problem.ts";
import { type GoodRequest, OPEN, PROTECTED } from "../support/routes.ts";

/** Invalid `Authorization` headers. */
const INVALID_HEADERS: Record<string, string | undefined> = {
  "no header": undefined,
  "an empty header": "",
  "the scheme alone": "Bearer",
  "the scheme and a space": "Bearer ",
  "an unknown token": "Bearer AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
  "a token with a space in it": "Bearer AAAA AAAA",
  "another scheme": "Basic YWxpY2U6dGVh",
  "a token that is not ASCII": "Bearer t\u00f6ken",
  "a token of 5,000 characters": `Bearer ${"A".repeat(5_000)}`,
  "two schemes": "Bearer Bearer AAAA",
  "SQL": "Bearer 'OR'1'='1",
};

function send(chat: Chat, { method, path, body }: GoodRequest, authorization?: string) {
  return chat.app.request(path, {
    method,
    headers: {
      ...(body !== undefined && { "content-type": "application/json" }),
      ...(authorization !== undefined && { authorization }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

for (const good of PROTECTED) {
  Deno.test(`[R5] ${good.method} ${good.path} is refused without a valid private token`, async () => {
    await using chat = await Chat.open();

    for (const authorization of Object.values(INVALID_HEADERS)) {
      const response = await send(chat, good, authorization);

      assertEquals(response.headers.get("www-authenticate"), 'Bearer realm="Halley"');
      await expectRefusal(response, 401, "not_signed_in");
    }
    assertEquals(chat.internalErrors, []);
  });
}

Deno.test("[R5] every route of the API but signing in, also with a code, and asking what guests can do, needs a token", async () => {
  await using chat = await Chat.open();
  const open = [
    "/api/sessions",
    "/api/transfers",
    "/api/transfers/preview",
    "/api/channels/:channel/guest-access",
  ];
  const routes = chat.app.routes.filter(({ method, path }) =>
    path.startsWith("/api/") && method !== "ALL" && !open.includes(path)
  );
  assertEquals(routes.length >= PROTECTED.length, true);

  for (const { method, path } of routes) {
    const response = await send(chat, { method, path: path.replaceAll(/:\w+/g, "1"), status: 401 });
    assertEquals([method, path, response.status], [method, path, 401]);
    await expectRefusal(response, 401, "not_signed_in");
  }
});

Deno.test("[R5] with a valid private token all requests are answered", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");

  for (const good of PROTECTED) {
    const response = await send(chat, good, `Bearer ${alice.privateToken}`);
    assertEquals([good.path, response.status], [good.path, good.status]);
  }
});

Deno.test("[R5] signing in and the probes need no private token and ignore an invalid one", async () => {
  await using chat = await Chat.open();

  for (const good of OPEN) {
    assertEquals((await send(chat, good)).status, good.status);
    assertEquals((await send(chat, good, "Bearer nonsense")).status, good.status);
  }
});

Deno.test("[R5] the scheme is case-insensitive, the token is case-sensitive", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  const session: GoodRequest = { method: "GET", path: "/api/session", status: 200 };
  const otherCase = alice.privateToken.replace(
    /[A-Za-z]/,
    (letter) => letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
  );

  assertEquals((await send(chat, session, `bearer ${alice.privateToken}`)).status, 200);
  assertEquals((await send(chat, session, `BEARER   ${alice.privateToken}`)).status, 200);
  await expectRefusal(send(chat, session, `Bearer ${otherCase}`), 401, "not_signed_in");
});

Deno.test("[R5] a private token is only accepted with the scheme Bearer", async () => {
  await using chat = await Chat.open();
  const { privateToken } = await chat.signIn("alice");
  const session: GoodRequest = { method: "GET", path: "/api/session", status: 200 };

  for (const scheme of ["", "Basic ", "Token ", "Bearer:", "Bearer="]) {
    await expectRefusal(send(chat, session, `${scheme}${privateToken}`), 401, "not_signed_in");
  }
});

Deno.test("[R5] a public token is not accepted as a private token", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");

  for (const good of PROTECTED) {
    await expectRefusal(send(chat, good, `Bearer ${alice.publicToken}`), 401, "not_signed_in");
  }
});

Deno.test("[R5] a private token is only accepted in the header, not in the query, a cookie or the body", async () => {
  await using chat = await Chat.open();
  const { privateToken } = await chat.signIn("alice");

  const inQuery = chat.app.request(`/api/session?privateToken=${privateToken}`);
  const inCookie = chat.app.request("/api/session", {
    headers: { cookie: `privateToken=${privateToken}` },
  });
  const inBody = chat.request("POST", "/api/poll", { privateToken });

  for (const attempt of [inQuery, inCookie, inBody]) {
    await expectRefusal(attempt, 401, "not_signed_in");
  }
});

Deno.test("[R5] a request is refused with 401 before its body is read", async () => {
  await using chat = await Chat.open();

  for (const body of ["{", "[]", '{"no":"such field"}']) {
    const posting = chat.app.request("/api/poll", { method: "POST", body });
    await expectRefusal(posting, 401, "not_signed_in");
  }
  await expectOrdinaryConversation(chat);
});
