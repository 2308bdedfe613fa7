import { assertEquals, assertStringIncludes } from "@std/assert";
import { guardHost, type HostSettings, parseHosts } from "../../server/http/host_guard.ts";
import { parseTrustedProxies } from "../../server/http/limits/client_address.ts";
import { jsonResponse } from "../../server/http/responses.ts";
import { RawServer } from "../support/raw_server.ts";

const LOCAL = settings({});

function settings(
  { host = "127.0.0.1", allowed = "none", proxies = "none" },
): HostSettings {
  const trustedProxies = parseTrustedProxies(proxies) ?? { hops: 0 };
  return { host, allowedHosts: parseHosts(allowed) ?? [], limits: { trustedProxies } };
}

/** The status and the text of the answer to a request with this header `Host`. */
async function ask(settings: HostSettings, host: string, target = "/api/rooms") {
  const info = { remoteAddr: { transport: "tcp", hostname: "127.0.0.1", port: 1 } } as const;
  const guarded = guardHost(() => jsonResponse({}), settings, () => {});
  await using server = RawServer.open((request) =>
    guarded(request, { ...info, completed: Promise.resolve() })
  );
  return await server.send([`GET ${target} HTTP/1.1`, `host: ${host}`]);
}

for (
  const host of ["x/metrics?", "x?y", "x#", "alice@x", "x\\metrics", "x y", "127.0.0.1/", "x:1:2"]
) {
  Deno.test(`[N10] a request with the host ${host} is refused with 400`, async () => {
    const { status, text } = await ask(settings({ host: "0.0.0.0" }), host);

    assertEquals(status, 400);
    assertStringIncludes(text, '"code":"bad_host"');
  });
}

for (const host of ["chat.example.com", "[2001:db8::1]:8000", "10.0.0.1:8000", "bücher.example"]) {
  Deno.test(`[N10] a request with the host ${host} is answered`, async () => {
    assertEquals((await ask(settings({ host: "0.0.0.0" }), host)).status, 200);
  });
}

for (
  const host of [
    "localhost:8000",
    "127.0.0.1",
    "127.8.9.10",
    "[::1]:8000",
    "chat.localhost",
    "LOCALHOST",
    "",
  ]
) {
  Deno.test(`[Q18] a server for its own machine answers the host "${host}"`, async () => {
    assertEquals((await ask(LOCAL, host)).status, 200);
  });
}

for (
  const host of [
    "evil.example",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "[::2]",
    "10.0.0.1",
    "notlocalhost",
  ]
) {
  Deno.test(`[Q18] a server for its own machine refuses the host ${host} with 421`, async () => {
    const { status, text } = await ask(LOCAL, host);

    assertEquals(status, 421);
    assertStringIncludes(text, "TRUST_PROXY");
    assertStringIncludes(text, "ALLOWED_HOSTS");
  });
}

Deno.test("[Q18] the host of an absolute request target counts, too", async () => {
  assertEquals((await ask(LOCAL, "localhost", "http://evil.example/api/rooms")).status, 421);
});

Deno.test("[Q18] with a trusted proxy, another HOST or ALLOWED_HOSTS, other names are answered", async () => {
  const statuses = (options: Parameters<typeof settings>[0]) =>
    Promise.all(
      ["chat.example", "evil.example", "localhost"].map(async (host) =>
        (await ask(settings(options), host)).status
      ),
    );

  assertEquals(await statuses({ proxies: "1" }), [200, 200, 200]);
  assertEquals(await statuses({ proxies: "127.0.0.1" }), [200, 200, 200]);
  assertEquals(await statuses({ host: "0.0.0.0" }), [200, 200, 200]);
  assertEquals(await statuses({ allowed: "*" }), [200, 200, 200]);
  assertEquals(await statuses({ allowed: "chat.example" }), [200, 421, 200]);
  assertEquals(await statuses({ host: "0.0.0.0", allowed: "Chat.example" }), [200, 421, 200]);
});
