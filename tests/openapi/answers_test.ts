import { assertEquals } from "@std/assert";
import { Chat, KEYS } from "../support/chat.ts";
import { OPEN, PROTECTED } from "../support/routes.ts";
import { Contract, type Exchange } from "./contract.ts";

const contract = await Contract.read();

/** Requests of back ends and administrators that succeed when a message has been sent. */
const WITH_KEY = [
  { method: "POST", path: "/api/publish", body: { to: "everyone", text: "hello" } },
  {
    method: "POST",
    path: "/api/publish",
    body: { messages: [{ to: ["room:tea", "room:milk"], data: [1, null], key: "both" }] },
  },
  { method: "POST", path: "/api/sessions", body: { userId: "42", displayName: "carol" } },
  { method: "GET", path: "/api/messages/1/deliveries" },
  { method: "GET", path: "/api/trace?message=1" },
  { method: "GET", path: "/api/admin/overview" },
  { method: "GET", path: "/api/admin/sessions?limit=10" },
  { method: "GET", path: "/api/admin/rooms" },
  {
    method: "POST",
    path: "/api/admin/bans",
    body: { user: "7", reason: "spam", duration: 60_000 },
  },
  { method: "GET", path: "/api/admin/bans?limit=10" },
  { method: "GET", path: "/api/admin/audit?limit=10" },
  { method: "DELETE", path: "/api/admin/bans?user=7" },
  { method: "GET", path: "/metrics" },
  { method: "GET", path: "/api/export?room=tea" },
  { method: "DELETE", path: "/api/users/42" },
];

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly token?: string | undefined;
}

async function exchange(chat: Chat, { method, path, body, token }: Sent): Promise<Exchange> {
  const requestType = body === undefined ? "" : "application/json";
  const requestBody = body === undefined ? "" : JSON.stringify(body);
  const response = await chat.app.request(path, {
    method,
    headers: {
      ...(requestType && { "content-type": requestType }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    ...(requestBody && { body: requestBody }),
  });
  const { status, headers } = response;
  const responseBody = await response.text();
  return { method, path, requestType, requestBody, status, headers, responseBody };
}

Deno.test("[N18] requests that succeed, and their replies, are as openapi.json describes them", async () => {
  await using chat = await Chat.open({ traceBytes: 100_000 });
  const alice = await chat.signIn("alice");
  await alice.say("room:tea", "hello");

  for (const request of OPEN) {
    assertEquals(contract.errorsOf(await exchange(chat, request)), []);
  }
  for (const request of WITH_KEY) {
    const found = await exchange(chat, { ...request, token: KEYS.admin });
    assertEquals([found.status < 300, contract.errorsOf(found)], [true, []], found.responseBody);
  }
  for (const request of PROTECTED) {
    const found = await exchange(chat, { ...request, token: alice.privateToken });
    assertEquals([found.status, contract.errorsOf(found)], [request.status, []]);
  }
});

Deno.test("[N18] refused requests are answered as openapi.json describes it", async () => {
  await using chat = await Chat.open();
  const { privateToken: token } = await chat.signIn("alice");
  const routes = contract.routes.filter((route) => route.includes(" /api/"));
  const statuses = new Set<number>();
  const expectDescribed = async (sent: Sent) => {
    const found = await exchange(chat, sent);
    statuses.add(found.status);
    assertEquals(contract.errorsOf(found), []);
  };

  for (const route of routes.filter((route) => route !== "delete /api/session")) {
    const [method = "", template = ""] = route.split(" ");
    const request = { method: method.toUpperCase(), path: template.replace(/\{\w+\}/g, "tea") };
    const hasBody = ["POST", "PUT", "PATCH"].includes(request.method);
    const wrong = { ...request, ...(hasBody && { body: { unknown: 1 } }) };
    await expectDescribed(wrong);
    await expectDescribed({ ...wrong, token });
    for (const key of Object.values(KEYS)) await expectDescribed({ ...wrong, token: key });
  }

  assertEquals([401, 403, 404, 422].filter((status) => !statuses.has(status)), []);
});
