import { join } from "node:path";
import { assert, assertEquals } from "@std/assert";
import { ServerProcess } from "../support/server_process.ts";
import { claimsOf, SECRET, signToken, tokenFor } from "../support/tokens.ts";

const ADMIN_KEY = "an-admin-key-that-nobody-sees";
const WEBHOOK_SECRET = "a-webhook-secret-for-nobody";

const SETTINGS = {
  LOG_LEVEL: "debug",
  STORE: "sqlite:halley.db",
  API_KEYS: `root:admin:${ADMIN_KEY}`,
  WEBHOOK_URL: "http://127.0.0.1:9/halley?key=a-key-in-a-url-for-nobody",
  WEBHOOK_SECRET,
  DRAIN_DELAY: "0",
};

/** Sends a valid and an invalid request to every route. Returns all responses. */
async function requestAll(url: string, tokens: readonly string[]): Promise<string> {
  const responses: string[] = [];
  const send = async (method: string, path: string, { token, body }: RequestOptions = {}) => {
    const response = await fetch(url + path, {
      method,
      headers: {
        "content-type": "application/json",
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      ...(body !== undefined && { body }),
    });
    responses.push(JSON.stringify([...response.headers]), await response.text());
  };
  const { publicToken } = JSON.parse(await fetchSession(url, tokens[0] ?? ""));
  for (const token of [...tokens, ADMIN_KEY]) {
    await send("POST", "api/poll", { token, body: '{"channels":["room:tea"]}' });
    await send("POST", "api/poll", { token, body: `{"cursor":"${token}","hold":0}` });
    await send("POST", "api/messages", { token, body: '{"channel":"room:tea","text":"hello"}' });
    await send("POST", "api/messages", { token, body: "{" });
    await send("GET", "api/channels/room:tea/messages", { token });
    await send("GET", "api/channels/room:tea/presence", { token });
    await send("GET", "api/session", { token });
    await send("GET", "api/session", { token: `${token}x` });
    await send("GET", `ChatHandler.ashx?privateToken=${token}x&lastMessageId=1000`);
    await send("GET", "api/rooms", { token });
    await send("GET", `api/trace?session=${publicToken}`, { token });
    await send("GET", "api/trace?message=1", { token });
    await send("POST", "api/publish", { token, body: '{"to":"user:42","text":"hello"}' });
  }
  await send("GET", "metrics");
  await send("DELETE", `api/sessions/${publicToken}`, { token: ADMIN_KEY });
  return responses.join("\n");
}

interface RequestOptions {
  readonly token?: string;
  readonly body?: string;
}

async function fetchSession(url: string, token: string): Promise<string> {
  const headers = { authorization: `Bearer ${token}` };
  return await (await fetch(`${url}api/session`, { headers })).text();
}

/** The bytes of all files below a folder, as text. */
function contentsOf(folder: string): string {
  return [...Deno.readDirSync(folder)].map(({ name, isDirectory }) => {
    const path = join(folder, name);
    return isDirectory
      ? contentsOf(path)
      : new TextDecoder("latin1").decode(Deno.readFileSync(path));
  }).join("\n");
}

/** Sends requests to a server, stops it, and searches responses, logs and files for secrets. */
async function expectNoSecrets(
  settings: Record<string, string>,
  tokensOf: (url: string) => Promise<readonly string[]>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "halley-secrets-" });
  try {
    await using halley = await ServerProcess.start({
      settings: { ...SETTINGS, ...settings },
      folder,
    });
    const url = halley.url.replace(/\/*$/, "/");
    const tokens = await tokensOf(url);
    // Each is so long that it does not occur by chance.
    const secrets = [...tokens, ...tokens.map(lastPart), ADMIN_KEY, WEBHOOK_SECRET, SECRET];
    const responses = await requestAll(url, tokens);
    const whileRunning = contentsOf(folder);
    halley.kill("SIGTERM");
    const { code, stdout, stderr } = await halley.ended();

    assertEquals(code, 0);
    assert(stderr.includes('"level"') && responses.includes("hello"));
    const traces = { responses, stdout, stderr, whileRunning, afterwards: contentsOf(folder) };
    for (const [where, text] of Object.entries(traces)) {
      const found = secrets.filter((secret) => text.includes(secret));
      assertEquals([where, found], [where, []]);
      assertEquals([where, text.includes("a-key-in-a-url-for-nobody")], [where, false]);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The signature of a JWT, or the whole token. */
function lastPart(token: string): string {
  return token.split(".").at(-1) ?? token;
}

Deno.test("[Q12] no response, log line or file contains a private token or an API key", async () => {
  await expectNoSecrets({}, (url) =>
    Promise.all(["alice", "bob"].map(async (displayName) => {
      const response = await fetch(`${url}api/sessions`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ displayName }),
      });
      return (await response.json()).privateToken;
    })));
});

Deno.test("[Q12] no response, log line or file contains an application's token or its secret", async () => {
  const settings = {
    AUTH: "jwt",
    JWT_SECRET: SECRET,
    JWT_ISSUER: "https://shop.example",
    JWT_AUDIENCE: "halley",
  };
  const now = Math.floor(Date.now() / 1_000);
  await expectNoSecrets(settings, () =>
    Promise.all([
      tokenFor(),
      tokenFor({ sub: "43", name: "bob" }),
      tokenFor({ exp: now - 3_600 }),
      signToken(claimsOf(), new TextEncoder().encode("x".repeat(32)), { alg: "HS256" }),
    ]));
});

Deno.test("[Q12] no error message about settings contains a secret", async () => {
  const settings = {
    AUTH: "jwt",
    JWT_SECRET: "too-short-a-secret",
    JWT_PUBLIC_KEY: "-----BEGIN PRIVATE KEY-----\\nMC4CAQAwBQYDK2VwBCIEIA\\n",
    API_KEYS: "root:admin:too-short-a-key",
    WEBHOOK_URL: "http://me:a-password-of-mine@127.0.0.1/",
    WEBHOOK_SECRET: "short-one",
  };
  await using halley = await ServerProcess.spawn({ settings });

  const { code, stdout, stderr } = await halley.ended();

  assertEquals(code, 2);
  for (const secret of ["too-short", "MC4CAQAw", "a-password-of-mine", "short-one"]) {
    assertEquals((stdout + stderr).includes(secret), false);
  }
});

Deno.test("[Q12] private tokens have 192 bits, are unique, and vary in every character", async () => {
  await using halley = await ServerProcess.start({ settings: { STORE: "memory" } });
  const tokens = await Promise.all(Array.from({ length: 200 }, async (_, n) => {
    const response = await fetch(`${halley.url}/api/sessions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ displayName: `guest ${n}` }),
    });
    return String((await response.json()).privateToken);
  }));

  assertEquals(new Set(tokens).size, tokens.length);
  const lengths = tokens.map((token) =>
    Uint8Array.fromBase64(token, { alphabet: "base64url" }).length
  );
  assertEquals(new Set(lengths), new Set([24]));
  for (let index = 0; index < 32; index++) {
    assert(new Set(tokens.map((token) => token[index])).size > 30, `character ${index}`);
  }
});
