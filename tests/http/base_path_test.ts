import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { readAssets } from "../../server/http/assets.ts";
import { configErrors } from "../config/config_errors.ts";
import { Chat, KEYS } from "../support/chat.ts";
import { expectRefusal } from "../support/problem.ts";
import { RawServer } from "../support/raw_server.ts";

const STATIC = fileURLToPath(new URL("../../static/", import.meta.url));

async function openBelow(basePath: string): Promise<Chat> {
  return await Chat.open({ assets: await readAssets(STATIC), basePath });
}

/** Routes of every kind, with the status of a GET without a token. */
const ROUTES = [
  ["/", 200],
  ["/admin", 200],
  ["/icon.svg", 200],
  ["/manifest.webmanifest", 200],
  ["/live", 200],
  ["/ready", 200],
  ["/metrics", 200],
  ["/api/session", 401],
  ["/api/admin/overview", 401],
  ["/ChatHandler.ashx", 422],
  ["/nothing", 404],
  ["/api/poll", 405],
] as const;

for (const basePath of ["/chat", "/a/b.c"]) {
  Deno.test(`[V7] below ${basePath} requests are answered as without the path`, async () => {
    await using chat = await openBelow(basePath);

    for (const [path, status] of ROUTES) {
      const below = await chat.request("GET", basePath + path);
      const without = await chat.request("GET", path);

      assertEquals([path, below.status, without.status], [path, status, status]);
      for (const name of ["content-type", "allow", "etag"]) {
        assertEquals(below.headers.get(name), without.headers.get(name));
      }
    }
  });

  Deno.test(`[V7] below ${basePath} people sign in, send and poll`, async () => {
    await using chat = await openBelow(basePath);
    const alice = await chat.signIn("alice");
    const { cursor } = await alice.poll();

    const sent = await alice.request("POST", `${basePath}/api/messages`, {
      channel: "room:tea",
      text: "hello",
    });
    const reply = await alice.request("POST", `${basePath}/api/poll/`, {
      cursor,
      channels: ["room:tea"],
    });

    assertEquals([sent.status, reply.status], [201, 200]);
    assertEquals((await reply.json()).messages.length, 1);
  });

  Deno.test(`[V7] ${basePath} itself leads to ${basePath}/, with GET and HEAD`, async () => {
    await using chat = await openBelow(basePath);

    for (const method of ["GET", "HEAD"]) {
      const { status, headers } = await chat.request(method, `${basePath}?x`);
      assertEquals([status, headers.get("location")], [308, `${basePath}/`]);
    }
    await expectRefusal(chat.request("POST", basePath), 405, "method_not_allowed");
  });
}

for (
  const path of [
    "/chat/chat/live",
    "/chatter/live",
    "/chat//live",
    "/CHAT/live",
    "/x/chat/live",
    "/chat/../secret",
  ]
) {
  Deno.test(`[V7] with BASE_PATH=/chat, ${path} is not found`, async () => {
    await using chat = await openBelow("/chat");
    await using server = RawServer.open((request) => chat.app.fetch(request));

    const raw = await server.send([`GET ${path} HTTP/1.1`, "host: halley.test"]);

    assertMatch(String(raw.status), /^40[04]$/);
    assertEquals(chat.internalErrors, []);
  });
}

Deno.test("[V7] below a path, rights and CORS are those of the routes", async () => {
  await using chat = await Chat.open({
    basePath: "/chat",
    allowedOrigins: ["https://shop.example"],
  });
  const asked = (origin: string, key?: string) =>
    chat.app.request("/chat/api/rooms", {
      headers: { origin, ...(key !== undefined && { authorization: `Bearer ${key}` }) },
    });

  const allowed = await asked("https://shop.example", KEYS.read);
  const preflight = await chat.app.request("/chat/api/messages", {
    method: "OPTIONS",
    headers: {
      "origin": "https://shop.example",
      "access-control-request-method": "POST",
      "access-control-request-headers": "content-type",
    },
  });

  assertEquals(allowed.headers.get("access-control-allow-origin"), "https://shop.example");
  assertEquals(preflight.status, 204);
  await expectRefusal(
    chat.app.request("/chat/api/admin/overview", {
      headers: { authorization: `Bearer ${KEYS.read}` },
    }),
    403,
    "not_allowed",
  );
});

Deno.test("[V6] no address in the pages, the style sheets and the manifest is absolute", async () => {
  const decoder = new TextDecoder();
  const absolute = [
    /(?:src|href|action)="(?:\/|https?:)[^"]*"/,
    /url\(["']?(?:\/|https?:)/,
    /"(?:src|start_url|scope|id)":\s*"(?:\/|https?:)/,
  ];

  for (const [path, { body, type }] of await readAssets(STATIC)) {
    if (!/html|css|manifest/.test(type)) continue;
    const text = decoder.decode(body);
    for (const pattern of absolute) {
      assertEquals([path, pattern.exec(text)?.[0]], [path, undefined]);
    }
  }
});

const INVALID = [
  "chat",
  "//chat",
  "/chat//",
  "/chat//more",
  "/../chat",
  "/chat/..",
  "/./chat",
  "/chat?x",
  "/chat#x",
  "/ch at",
  "/ch%61t",
  "/茶",
  "\\chat",
  "https://shop.example/chat",
];

for (const value of INVALID) {
  Deno.test(`[V9] BASE_PATH=${value} is refused at the start`, () => {
    const [error = "none", ...more] = configErrors({ BASE_PATH: value });

    assertStringIncludes(
      error,
      `BASE_PATH is "${value}"; allowed: none, or the path of this server`,
    );
    assertEquals(more, []);
  });
}
