import { assertEquals } from "@std/assert";
import { Chat } from "../support/chat.ts";
import { oldPage, postForm } from "../support/legacy.ts";
import { OPEN, PROTECTED } from "../support/routes.ts";

function expectSafeHeaders(response: Response): void {
  assertEquals(response.headers.get("cache-control"), "no-store");
  assertEquals(response.headers.get("x-content-type-options"), "nosniff");
}

for (const { method, path, body, status } of [...OPEN, ...PROTECTED]) {
  Deno.test(`[N4] the answer to ${method} ${path} is neither cached nor sniffed`, async () => {
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

Deno.test("[N4] the answers to old pages are neither cached nor sniffed", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  const fields = { privateToken: alice.privateToken, lastMessageId: "1000" };

  const sent = await oldPage(chat, alice).say("hello");
  const polled = await postForm(chat, "/ChatHandler.ashx", fields);

  for (const response of [sent, polled]) {
    expectSafeHeaders(response);
    assertEquals(response.headers.get("content-type"), "text/plain; charset=utf-8");
  }
});

Deno.test("[N4] no answer sets a cookie or names the server's software", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");

  for (const { method, path, body } of [...OPEN, ...PROTECTED]) {
    const { headers } = await alice.request(method, path, body);
    for (const name of ["set-cookie", "server", "x-powered-by"]) {
      assertEquals(headers.has(name), false);
    }
  }
});
