import { assertEquals } from "@std/assert";
import { RemoteChat } from "../support/remote_chat.ts";
import { runToEnd, ServerProcess } from "../support/server_process.ts";
import { claimsOf, keyPair, signToken } from "../support/tokens.ts";
import { Receiver, SECRET } from "../webhooks/receiver.ts";
import { waitUntil } from "../support/wait_until.ts";

const KEY = "shop-key-3fdc1b7a90e84c25";

/** A proxy that records what it is asked for, and answers everything itself. */
class RecordingProxy implements AsyncDisposable {
  readonly requested: string[] = [];
  readonly #server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, ({ url }) => {
    this.requested.push(url);
    return Response.json({ keys: [] });
  });

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }
}

for (
  const [variable, host, more] of [
    ["HTTP_PROXY", "127.0.0.1", {}],
    ["http_proxy", "localhost", { no_proxy: "shop.example" }],
    ["ALL_PROXY", "[::1]", { NO_PROXY: "*" }],
  ] as const
) {
  Deno.test(`[O48] with ${variable}, keys and webhooks at ${host}, and commands, do not use the proxy`, async () => {
    await using proxy = new RecordingProxy();
    await using receiver = new Receiver();
    const { privateKey, jwk } = await keyPair("ES256");
    const hostname = host === "[::1]" ? "::1" : "127.0.0.1";
    await using keys = Deno.serve(
      { port: 0, hostname, onListen() {} },
      () => Response.json({ keys: [{ ...jwk, kid: "one" }] }),
    );
    const settings = { [variable]: proxy.url, ...more };
    await using halley = await ServerProcess.start({
      settings: {
        ...settings,
        AUTH: "jwt",
        JWT_JWKS_URL: `http://${host}:${keys.addr.port}/keys`,
        WEBHOOK_URL: receiver.url.replace("127.0.0.1", host === "[::1]" ? "127.0.0.1" : host),
        WEBHOOK_SECRET: SECRET,
        WEBHOOK_EVENTS: "message",
        API_KEYS: `shop:publish:${KEY}`,
      },
    });
    const token = await signToken(claimsOf(), privateKey, { alg: "ES256", kid: "one" });

    const sent = await fetch(`${halley.url}/api/messages`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: '{"channel":"room:tea","text":"hello"}',
    });
    await sent.body?.cancel();
    const published = await runToEnd({
      args: ["send", "room:tea", "from the shop"],
      settings: { ...settings, HALLEY_URL: halley.url, HALLEY_KEY: KEY },
    });
    await receiver.got(2);

    assertEquals([sent.status, published.code, published.stderr], [201, 0, ""]);
    assertEquals(proxy.requested, []);
  });
}

Deno.test("[O48] requests to other machines use the proxy", async () => {
  await using proxy = new RecordingProxy();
  await using halley = await ServerProcess.start({
    settings: {
      HTTP_PROXY: proxy.url,
      WEBHOOK_URL: "http://hooks.shop.example/hook",
      WEBHOOK_SECRET: SECRET,
      WEBHOOK_EVENTS: "message",
    },
  });
  using chat = new RemoteChat(halley.url);

  await (await chat.signIn("alice")).say("room:tea", "hello");
  await waitUntil(() => proxy.requested.length > 0, "the event is posted");

  assertEquals(proxy.requested[0], "http://hooks.shop.example/hook");
});
