import { assertEquals, assertStringIncludes } from "@std/assert";
import { readAssets } from "../../server/http/assets.ts";
import { Chat } from "../support/chat.ts";
import { expectRefusal } from "../support/problem.ts";

for (
  const path of [
    "/api",
    "/api/",
    "/api/nothing",
    "/api/poll/more",
    "/api/POLL",
    "/api//poll",
    "/api/channels/room:tea",
    "/api/channels/room:tea/nothing",
    "/api/channels//messages",
    "/api/channels/room:tea/more/messages",
    "/chathandler.ashx",
    "/nothing",
    "/nothing%00",
    "/%E8%8C%B6",
    "/%ff",
  ]
) {
  Deno.test(`[N3] ${path} is answered 404 with any method`, async () => {
    await using chat = await Chat.open();
    const alice = await chat.signIn("alice");

    for (const method of ["GET", "POST", "OPTIONS"]) {
      await expectRefusal(alice.request(method, path), 404, "not_found");
    }
  });
}

/** Every path with the methods that it allows, and one that it does not. */
const METHODS = [
  ["/api/sessions", "POST", "GET"],
  ["/api/session", "GET, HEAD, PATCH, DELETE", "POST"],
  ["/api/poll", "POST", "GET"],
  ["/api/push", "GET, HEAD, PUT, DELETE", "POST"],
  ["/api/messages", "POST", "DELETE"],
  ["/api/channels/room:tea/messages", "GET, HEAD, POST", "DELETE"],
  ["/api/conversations", "GET, HEAD", "POST"],
  ["/api/conversations/room:tea", "PUT, DELETE", "GET"],
  ["/api/rooms", "GET, HEAD", "POST"],
  ["/api/search", "GET, HEAD", "POST"],
  ["/api/channels/room:tea/first", "GET, HEAD", "PUT"],
  ["/api/files", "POST", "GET"],
  ["/api/files/1", "GET, HEAD", "PUT"],
  ["/api/files/1/thumbnail", "PUT, GET, HEAD", "DELETE"],
  ["/api/publish", "POST", "GET"],
  ["/api/messages/1/deliveries", "GET, HEAD", "POST"],
  ["/api/channels/room:tea/presence", "GET, HEAD", "PUT"],
  ["/api/signals", "POST", "GET"],
  ["/live", "GET, HEAD", "POST"],
  ["/ready", "GET, HEAD", "DELETE"],
] as const;

for (const [path, allow, method] of METHODS) {
  Deno.test(`[N3] ${method} ${path} is answered 405 with Allow: ${allow}`, async () => {
    await using chat = await Chat.open();
    const alice = await chat.signIn("alice");

    const response = await alice.request(method, path);

    assertEquals(response.headers.get("allow"), allow);
    await expectRefusal(response, 405, "method_not_allowed");
  });
}

for (const method of ["OPTIONS", "PATCH", "BREW"]) {
  Deno.test(`[N3] ${method} is answered 405 on every path that does not allow it`, async () => {
    await using chat = await Chat.open();

    for (const [path, allow] of METHODS) {
      if (allow.split(", ").includes(method)) continue;
      const response = await chat.request(method, path);
      assertEquals([path, response.status], [path, 405]);
      assertEquals(response.headers.get("allow"), allow);
    }
  });
}

Deno.test("[N3] sending from a legacy page with GET is answered 405 with Allow: POST", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  const query = new URLSearchParams({ privateToken: alice.privateToken, message: "hello" });

  const response = await chat.request("GET", `/ChatHandler.ashx?${query}`);

  assertStringIncludes(response.headers.get("allow") ?? "none", "POST");
  await expectRefusal(response, 405, "method_not_allowed");
});

Deno.test("[N11] a path with a slash at its end is answered like the path without it", async () => {
  await using chat = await Chat.open({ assets: await readAssets("static") });
  const alice = await chat.signIn("alice");

  for (const path of ["/live/", "/api/session/"]) {
    assertEquals([path, (await alice.request("GET", path)).status], [path, 200]);
  }
  assertEquals((await alice.request("POST", "/api/poll/", {})).status, 200);
});

for (
  const [path, location] of [["/admin/", "../admin"], ["/built/app.js/", "../app.js"]] as const
) {
  Deno.test(`[N11] ${path} leads to ${location}, since addresses in a file are relative`, async () => {
    await using chat = await Chat.open({ assets: await readAssets("static") });

    const { status, headers } = await chat.request("GET", path);

    assertEquals([status, headers.get("location")], [308, location]);
  });
}

Deno.test("[N3] HEAD is answered like GET, without the body", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");

  for (const path of ["/live", "/ready", "/api/session", "/api/channels/room:tea/messages"]) {
    const response = await alice.request("HEAD", path);
    assertEquals([response.status, await response.text()], [200, ""]);
  }
});
