import { assertEquals } from "@std/assert";
import { Chat } from "../support/chat.ts";
import { legacyPage, postForm } from "../support/legacy.ts";
import { OPEN, PROTECTED } from "../support/routes.ts";

Deno.test("[Q13] no response can be cached, sets a cookie or sends a referrer", async () => {
  await using chat = await Chat.open({ allowedOrigins: ["https://shop.example"] });
  const alice = await chat.signIn("alice");
  const good = [...OPEN, ...PROTECTED.slice(0, -1), ...OTHERS]
    .filter((route) => !isFrequent(route) || route.body === BAD_MESSAGE);

  for (const { method, path, body } of good) {
    for (const origin of [undefined, "https://shop.example", "https://other.example"]) {
      const { headers } = await chat.app.request(path, {
        method,
        headers: {
          authorization: `Bearer ${alice.privateToken}`,
          ...(origin !== undefined && { origin }),
          ...(body !== undefined && { "content-type": "application/json" }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });

      const values = ["cache-control", "referrer-policy", "vary", "set-cookie"]
        .map((name) =>
          headers.get(name)?.toLowerCase().replace("origin, origin", "origin") ?? null
        );
      assertEquals([method, path, values], [method, path, [
        "no-store",
        "no-referrer",
        "origin",
        null,
      ]]);
      assertEquals(headers.get("access-control-allow-credentials"), null);
    }
  }
});

const BAD_MESSAGE = { no: "such field" };

/** Requests that match no route, or are answered outside of the API. */
const OTHERS = [
  { method: "GET", path: "/nowhere", body: undefined },
  { method: "PUT", path: "/api/poll", body: {} },
  { method: "POST", path: "/api/messages", body: BAD_MESSAGE },
  { method: "GET", path: "/ChatHandler.ashx", body: undefined },
  { method: "POST", path: "/ChatHandler.ashx", body: undefined },
  { method: "GET", path: "/metrics", body: undefined },
  { method: "GET", path: "/api/trace", body: undefined },
];

function expectSafeHeaders(response: Response): void {
  assertEquals(response.headers.get("cache-control"), "no-store");
  assertEquals(response.headers.get("x-content-type-options"), "nosniff");
}

const FREQUENT = [
  { path: "/api/poll", body: {} },
  { path: "/api/messages", body: { channel: "room:tea", text: "hello" } },
];

for (const { path, body } of FREQUENT) {
  Deno.test(`[N15] a reply to POST ${path} has no header that a reply to POST does not need`, async () => {
    await using chat = await Chat.open();
    const alice = await chat.signIn("alice");

    const response = await alice.request("POST", path, body);

    assertEquals([...response.headers], [["content-type", "application/json"]]);
    await response.body?.cancel();
  });
}

Deno.test("[N4] a page cannot make a browser send a poll by a form or a script", async () => {
  await using chat = await Chat.open();
  const { privateToken } = await chat.signIn("alice");
  const authorization = `Bearer ${privateToken}`;

  const get = await chat.app.request("/api/poll", { headers: { authorization } });
  const form = await chat.app.request("/api/poll", {
    method: "POST",
    headers: { authorization, "content-type": "text/plain" },
    body: "{}",
  });

  assertEquals([get.status, form.status], [405, 415]);
});

function isFrequent(route: { readonly method: string; readonly path: string }): boolean {
  return route.method === "POST" && FREQUENT.some(({ path }) => path === route.path);
}

const REPLIES = [...OPEN, ...PROTECTED].filter((route) => !isFrequent(route));

for (const { method, path, body, status } of REPLIES) {
  Deno.test(`[N4] the response to ${method} ${path} is neither cached nor sniffed`, async () => {
    await using chat = await Chat.open();
    const alice = await chat.signIn("alice");
    await alice.say("room:tea", "hello");

    const response = await alice.request(method, path, body);

    assertEquals(response.status, status);
    expectSafeHeaders(response);
    const isEmpty = await response.text() === "";
    assertEquals(response.headers.get("content-type"), isEmpty ? null : "application/json");
  });
}

for (const { method, path, body } of PROTECTED) {
  Deno.test(`[N4] a refusal of ${method} ${path} is neither cached nor sniffed`, async () => {
    await using chat = await Chat.open();

    const response = await chat.request(method, path, body);

    expectSafeHeaders(response);
    assertEquals(response.headers.get("content-type"), "application/problem+json");
  });
}

Deno.test("[N4] responses to legacy pages are neither cached nor sniffed", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  const fields = { privateToken: alice.privateToken, lastMessageId: "1000" };

  const sent = await legacyPage(chat, alice).say("hello");
  const polled = await postForm(chat, "/ChatHandler.ashx", fields);

  for (const response of [sent, polled]) {
    expectSafeHeaders(response);
    assertEquals(response.headers.get("content-type"), "text/plain; charset=utf-8");
  }
});

Deno.test("[N4] no response sets a cookie or names the server software", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");

  for (const { method, path, body } of [...OPEN, ...PROTECTED]) {
    const { headers } = await alice.request(method, path, body);
    for (const name of ["set-cookie", "server", "x-powered-by"]) {
      assertEquals(headers.has(name), false);
    }
  }
});
