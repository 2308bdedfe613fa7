import { assertEquals, assertMatch } from "@std/assert";
import { Chat } from "../support/chat.ts";

const SHOP = "https://shop.example";
const OTHER = "https://other.example";

function open(...allowedOrigins: string[]): Promise<Chat> {
  return Chat.open({ allowedOrigins });
}

/** The preflight request before a page of that origin polls. */
function preflight(chat: Chat, origin: string): Promise<Response> {
  return Promise.resolve(chat.app.request("/api/poll", {
    method: "OPTIONS",
    headers: {
      origin,
      "access-control-request-method": "POST",
      "access-control-request-headers": "authorization,content-type",
    },
  }));
}

function signIn(chat: Chat, origin: string): Promise<Response> {
  return Promise.resolve(chat.app.request("/api/sessions", {
    method: "POST",
    headers: { origin, "content-type": "application/json" },
    body: '{"displayName":"alice"}',
  }));
}

Deno.test("[N7] a page of an allowed origin can use the API with its header and methods", async () => {
  await using chat = await open(SHOP, "https://other.example");

  const asked = await preflight(chat, SHOP);

  assertEquals(asked.status, 204);
  assertEquals(asked.headers.get("access-control-allow-origin"), SHOP);
  assertMatch(
    asked.headers.get("access-control-allow-headers") ?? "",
    /^authorization,x-halley-token,content-type,/,
  );
  assertEquals(asked.headers.get("access-control-allow-methods"), "GET,POST,PUT,PATCH,DELETE");
  assertEquals(asked.headers.get("access-control-max-age"), "86400");
  assertEquals(asked.headers.get("vary")?.toLowerCase().includes("origin"), true);
});

Deno.test("[N7] the response to an allowed origin names only that origin and allows no cookies", async () => {
  await using chat = await open(SHOP);

  const response = await signIn(chat, SHOP);

  assertEquals(response.status, 201);
  assertEquals(response.headers.get("access-control-allow-origin"), SHOP);
  assertEquals(response.headers.get("access-control-allow-credentials"), null);
  assertEquals(
    response.headers.get("access-control-expose-headers"),
    "date,retry-after,ratelimit,ratelimit-policy",
  );
});

Deno.test("[N7] a page of an allowed origin can read refusals", async () => {
  await using chat = await open(SHOP);

  const response = await chat.app.request("/api/session", { headers: { origin: SHOP } });

  assertEquals(response.status, 401);
  assertEquals(response.headers.get("access-control-allow-origin"), SHOP);
  assertEquals((await response.json()).code, "not_signed_in");
});

Deno.test("[N8] the refusal of another origin names the setting that allows it", async () => {
  await using chat = await open(SHOP);

  const asked = await preflight(chat, OTHER);

  assertEquals(asked.status, 403);
  assertEquals(asked.headers.get("access-control-allow-origin"), null);
  const { code, detail } = await asked.json();
  assertEquals(code, "origin_not_allowed");
  assertEquals(
    detail,
    `Pages of ${OTHER} cannot use this server. To allow them, set ALLOWED_ORIGINS`,
  );
});

for (
  const origin of [
    "null",
    "https://shop.example.other.example",
    "http://shop.example",
    "https://shop.example:8443",
    "https://SHOP.example",
    "<script>alert(1)</script>",
  ]
) {
  Deno.test(`[N8] ${origin} is not the origin ${SHOP}`, async () => {
    await using chat = await open(SHOP);

    const [asked, answered] = [await preflight(chat, origin), await signIn(chat, origin)];

    assertEquals(asked.status, 403);
    assertEquals(asked.headers.get("access-control-allow-origin"), null);
    assertEquals(answered.headers.get("access-control-allow-origin"), null);
    assertEquals((await asked.text()).includes("<"), false);
  });
}

Deno.test("[N8] without the setting no page of another origin can use the API", async () => {
  await using chat = await open();

  assertEquals((await preflight(chat, SHOP)).status, 403);
  assertEquals((await signIn(chat, SHOP)).headers.get("access-control-allow-origin"), null);
});

Deno.test("[N7] an operator can allow every origin", async () => {
  await using chat = await open("*");

  const asked = await preflight(chat, OTHER);

  assertEquals(asked.status, 204);
  assertEquals(asked.headers.get("access-control-allow-origin"), "*");
  assertEquals(asked.headers.get("access-control-allow-credentials"), null);
});
