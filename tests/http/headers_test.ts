import { assertEquals } from "@std/assert";
import { Chat } from "../support/chat.ts";
import { legacyPage, postForm } from "../support/legacy.ts";
import { OPEN, PROTECTED } from "../support/routes.ts";

Deno.test("[Q13] no response can be cached, sets a cookie or sends a referrer", async () => {
  await using chat = await Chat.open({ allowedOrigins: ["https://shop.example"] });
  const alice = await chat.signIn("alice");
  const good = [...OPEN, ...PROTECTED.slice(0, -1), ...OTHERS]
    .filter(({ method, path }) => `${method} ${path}` !== "POST /api/poll");

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

/** Requests that match no route, or are answered outside of the API. */
const OTHERS = [
  { method: "GET", path: "/nowhere", body: undefined },
  { method: "PUT", path: "/api/poll", body: {} },
  { method: "POST", path: "/api/messages", body: { no: "such field" } },
  { method: "GET", path: "/ChatHandler.ashx", body: undefined },
  { method: "POST", path: "/ChatHandler.ashx", body: undefined },
  { method: "GET", path: "/metrics", body: undefined },
  { method: "GET", path: "/api/trace", body: undefined },
];

function expectSafeHeaders(response: Response): void {
  assertEquals(response.headers.get("cache-control"), "no-store");
  assertEquals(response.headers.get("x-content-type-options"), "nosniff");
}

Deno.test("[N15] a reply to a poll has no header that a reply to POST does not need", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");

  const response = await alice.request("POST", "/api/poll", {});

  assertEquals([...response.headers], [["content-type", "application/json"]]);
  await response.body?.cancel();
});

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

const REPLIES = [...OPEN, ...PROTECTED].filter(({ path }) => path !== "/api/poll");

for (const { method, path, body, status } of REPLIES) {
  Deno.test(`[N4] the response to ${method} ${path} is neither cached nor sniffed`, async () => {
    await using chat = await Chat.open();
    const alice = await chat.signIn("alice");

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
