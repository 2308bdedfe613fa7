import { assertEquals } from "@std/assert";
import { parseHeaders, parseOrigins } from "../../server/http/cors.ts";
import { Chat } from "../support/chat.ts";

/** Asks whether a page of an origin can poll with these headers: the preflight request of a browser. */
async function preflight(chat: Chat, origin: string, headers = "x-halley-token") {
  return await chat.app.request("/api/poll", {
    method: "OPTIONS",
    headers: {
      origin,
      "access-control-request-method": "POST",
      "access-control-request-headers": headers,
    },
  });
}

function open(origins: string, headers = "none"): Promise<Chat> {
  return Chat.open({
    allowedOrigins: parseOrigins(origins) ?? [],
    allowedHeaders: parseHeaders(headers) ?? [],
  });
}

for (
  const [setting, allowed, refused] of [
    ["https://*.shop.example", ["https://a.shop.example", "https://a.b-c.shop.example"], [
      "https://shop.example",
      "http://a.shop.example",
      "https://a.shop.example:8443",
      "https://ashop.example",
      "https://.shop.example",
      "https://a..shop.example",
      "https://a.shop.example.other.example",
      "https://a.shopxexample",
      "https://other.example/.shop.example",
    ]],
    ["http://*.shop.example:8080", ["http://a.shop.example:8080"], ["http://a.shop.example"]],
    ["capacitor://localhost, ionic://localhost", ["capacitor://localhost", "ionic://localhost"], [
      "http://localhost",
      "capacitor://localhost:1",
      "null",
    ]],
    [
      "https://one.example,https://*.two.example",
      ["https://one.example", "https://a.two.example"],
      [
        "https://a.one.example",
        "https://two.example",
      ],
    ],
  ] as const
) {
  Deno.test(`[N13] ALLOWED_ORIGINS=${setting} allows what it names, and nothing else`, async () => {
    await using chat = await open(setting);

    for (const origin of allowed) {
      const { status, headers } = await preflight(chat, origin);
      assertEquals([origin, status, headers.get("access-control-allow-origin")], [
        origin,
        204,
        origin,
      ]);
      assertEquals(headers.get("vary")?.toLowerCase().includes("origin"), true);
    }
    for (const origin of refused) {
      const { status, headers } = await preflight(chat, origin);
      assertEquals([origin, status, headers.get("access-control-allow-origin")], [
        origin,
        403,
        null,
      ]);
    }
  });
}

Deno.test("[N13] origins of apps and extensions are valid, and every other use of * is not", () => {
  const valid = [
    "tauri://localhost",
    "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
    "moz-extension://5d3c4b2a-0000-4000-8000-123456789abc",
    "safari-web-extension://5D3C4B2A-0000-4000-8000-123456789ABC",
    "app://localhost:3000",
  ];
  const invalid = [
    "https://*",
    "https://*.example",
    "https://*.*.shop.example",
    "https://shop.*",
    "https://a*.shop.example",
    "https://www.*.shop.example",
    "*.shop.example",
    "*://shop.example",
    "https://shop.example:*",
    "https://*.shop.example/",
    "https://*.shop.example:443",
    "https://*.127.0.0.1",
    "https://*.Shop.example",
    "chrome-extension://*",
    "capacitor://localhost/",
    "file://localhost",
    "null",
  ];

  for (const origin of valid) assertEquals(parseOrigins(origin), [origin]);
  for (const origin of invalid) assertEquals([origin, parseOrigins(origin)], [origin, undefined]);
});

Deno.test("[N14] a page can send tracing headers and those of the setting", async () => {
  await using chat = await open("https://shop.example", "X-Tenant, x-shop-session");

  const { headers } = await preflight(chat, "https://shop.example", "traceparent,x-tenant");

  const names = headers.get("access-control-allow-headers")?.split(",") ?? [];
  for (
    const name of [
      ...["traceparent", "tracestate", "baggage", "sentry-trace", "b3", "x-datadog-trace-id"],
      ...["x-tenant", "x-shop-session", "x-halley-token", "authorization", "content-type"],
    ]
  ) assertEquals([name, names.includes(name)], [name, true]);
  assertEquals(names.filter((name) => /forwarded|real-ip|host|client-ip|\*/.test(name)), []);
});

Deno.test("[N14] headers that browsers or Halley use themselves cannot be allowed", () => {
  for (
    const name of [
      ...["Cookie", "set-cookie", "Origin", "referer", "content-length", "transfer-encoding"],
      ...["connection", "Sec-Fetch-Site", "proxy-authorization", "date", "expect", "TE"],
      ...["access-control-request-method", "Authorization", "X-Halley-Token", "content-type"],
      ...["content-encoding", "if-none-match", "accept-encoding", "x-http-method-override"],
    ]
  ) assertEquals([name, parseHeaders(name)], [name, undefined]);
  assertEquals(parseHeaders("X-Tenant, security, dates, x-original"), [
    ...["x-tenant", "security", "dates", "x-original"],
  ]);
});

Deno.test("[N14] headers that proxies set and servers trust cannot be allowed", () => {
  for (
    const name of [
      ...["Forwarded", "X-Forwarded-For", "x-forwarded-host", "X-Forwarded", "X-Real-IP", "host"],
      ...["via", "true-client-ip", "x-client-ip", "x-cluster-client-ip", "cf-connecting-ip"],
      ...["fastly-client-ip", "x-original-url", "x-envoy-external-address"],
      ...["*", "x-*", "x tenant", "x:y", "x-tenant, x-forwarded-for"],
    ]
  ) assertEquals([name, parseHeaders(name)], [name, undefined]);
});
