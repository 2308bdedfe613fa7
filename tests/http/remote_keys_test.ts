import { assertEquals, assertMatch } from "@std/assert";
import { parseJwksUrl } from "../../server/http/auth/jwt_settings.ts";
import { Chat } from "../support/chat.ts";
import { stopClock } from "../support/clock.ts";
import { expectRefusal } from "../support/problem.ts";
import { claimsOf, fetchSession, JWT, keyPair, signToken } from "../support/tokens.ts";

/** A server of a key set. Counts its requests. */
class KeyServer implements AsyncDisposable {
  requests = 0;
  answer: () => Response | Promise<Response>;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor(...keys: readonly object[]) {
    this.answer = () => Response.json({ keys });
    this.#server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, () => {
      this.requests++;
      return this.answer();
    });
  }

  setKeys(...keys: readonly object[]): void {
    this.answer = () => Response.json({ keys });
  }

  chat(): Promise<Chat> {
    const { keys } = parseJwksUrl(`http://127.0.0.1:${this.#server.addr.port}/keys`) ?? {};
    return Chat.open({ jwt: { ...JWT, keys: keys ?? JWT.keys } });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }
}

async function newKey(alg: string, kid: string) {
  const { privateKey, jwk } = await keyPair(alg);
  return {
    public: { ...jwk, kid, alg, use: "sig" },
    token: (claims = {}, keyId: string | undefined = kid) =>
      signToken(claimsOf(claims), privateKey, { alg, ...(keyId !== "" && { kid: keyId }) }),
  };
}

Deno.test("[Q3] the keys of a URL are fetched once", async () => {
  const [one, other] = [await newKey("RS256", "one"), await newKey("ES256", "other")];
  await using server = new KeyServer(one.public, other.public);
  await using chat = await server.chat();

  const tokens = await Promise.all([one.token(), other.token(), one.token({ sub: "43" })]);
  const answers = await Promise.all(tokens.map((token) => fetchSession(chat, token)));

  assertEquals(answers.map(({ status }) => status), [200, 200, 200]);
  assertEquals(server.requests, 1);
});

Deno.test("[Q3] an unknown key is fetched, at most every 30 seconds", async () => {
  using clock = stopClock();
  const [one, other] = [await newKey("EdDSA", "one"), await newKey("EdDSA", "other")];
  await using server = new KeyServer(one.public);
  await using chat = await server.chat();
  assertEquals((await fetchSession(chat, await one.token())).status, 200);
  server.setKeys(other.public);

  for (let n = 0; n < 20; n++) {
    await expectRefusal(
      fetchSession(chat, await other.token({ sub: `${n}` })),
      401,
      "not_signed_in",
    );
  }
  assertEquals(server.requests, 1);
  await clock.pass(31_000);
  assertEquals((await fetchSession(chat, await other.token())).status, 200);
  assertEquals(server.requests, 2);
  await expectRefusal(fetchSession(chat, await one.token({ sub: "43" })), 401, "not_signed_in");
  assertEquals(server.requests, 2);
});

Deno.test("[Q3] while the URL is unavailable, its keys are used even after ten minutes", async () => {
  using clock = stopClock();
  const key = await newKey("EdDSA", "one");
  await using server = new KeyServer(key.public);
  await using chat = await server.chat();
  await fetchSession(chat, await key.token());
  server.answer = () => new Response("away", { status: 500 });

  await clock.pass(700_000);

  assertEquals((await fetchSession(chat, await key.token())).status, 200);
  await clock.pass(0);
  assertEquals((await fetchSession(chat, await key.token({ sub: "43" }))).status, 200);
  assertEquals(chat.internalErrors, []);
});

/** Responses that are not a key set. */
const INVALID_RESPONSES: Record<string, [Response: () => Response, why: RegExp]> = {
  "an error": [() => new Response("away", { status: 500 }), /500/],
  "a page": [() => new Response("<html>"), /JSON/i],
  "something else": [() => Response.json({ keys: "none" }), /keys/],
  "a redirect": [() => Response.redirect("http://127.0.0.1:1/"), /redirect/i],
  "too much": [() => new Response("x".repeat(300_000)), /262144 bytes/],
};

for (const [what, [answer, why]] of Object.entries(INVALID_RESPONSES)) {
  Deno.test(`[Q3] if the URL returns ${what}, tokens are refused with keys_unavailable`, async () => {
    const key = await newKey("EdDSA", "one");
    await using server = new KeyServer();
    await using chat = await server.chat();
    server.answer = answer;

    const problem = await expectRefusal(
      fetchSession(chat, await key.token()),
      500,
      "keys_unavailable",
    );

    assertMatch(problem.detail, why);
    assertEquals(chat.internalErrors, []);
    server.setKeys(key.public);
    assertEquals((await fetchSession(chat, await key.token())).status, 200);
  });
}

Deno.test("[Q3] a secret in the key set is ignored", async () => {
  const secret = new TextEncoder().encode("s".repeat(32));
  await using server = new KeyServer({ kty: "oct", kid: "one", k: secret.toBase64() });
  await using chat = await server.chat();

  const token = await signToken(claimsOf(), secret, { alg: "HS256", kid: "one" });

  await expectRefusal(fetchSession(chat, token), 401, "not_signed_in");
});

const UNUSABLE: Record<string, unknown> = {
  "an RSA key without its modulus": { kty: "RSA", kid: "bad", e: "AQAB" },
  "an RSA key of 512 bits": { kty: "RSA", kid: "bad", e: "AQAB", n: "w".repeat(86) },
  "a point that is not on its curve": { kty: "EC", kid: "bad", crv: "P-256", x: "AA", y: "AA" },
  "an unknown curve": { kty: "OKP", kid: "bad", crv: "Ed999", x: "AA" },
  "a key without a type": { kid: "bad" },
  "no object": null,
};

for (const [what, bad] of Object.entries(UNUSABLE)) {
  Deno.test(`[Q3] ${what} in the key set is ignored, and the other keys are used`, async () => {
    const good = await newKey("RS256", "good");
    await using server = new KeyServer();
    server.answer = () => Response.json({ keys: [bad, good.public] });
    await using chat = await server.chat();

    assertEquals((await fetchSession(chat, await good.token())).status, 200);
    const other = fetchSession(chat, await good.token({}, "bad"));
    await expectRefusal(other, 401, "not_signed_in");
    assertEquals(chat.internalErrors, []);
  });
}

Deno.test("[Q3] a point that is not on its curve is no candidate for a token that names no key", async () => {
  const good = await newKey("ES256", "good");
  await using server = new KeyServer();
  const bad = { kty: "EC", crv: "P-256", x: "AAAA", y: "AAAA" };
  server.answer = () => Response.json({ keys: [bad, good.public] });
  await using chat = await server.chat();

  assertEquals((await fetchSession(chat, await good.token({}, ""))).status, 200);
});

Deno.test("[Q3] with several keys of a kind, a token must name its key", async () => {
  const [one, other] = [await newKey("EdDSA", "one"), await newKey("EdDSA", "other")];
  await using server = new KeyServer(one.public, other.public);
  await using chat = await server.chat();

  const problem = await expectRefusal(
    fetchSession(chat, await one.token({}, "")),
    401,
    "not_signed_in",
  );

  assertMatch(problem.detail, /does not name the key/);
});
