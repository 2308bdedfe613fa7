import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { API_KEYS, BackEnd, KEYS, runCommand } from "./back_end.ts";
import { ServerProcess } from "../support/server_process.ts";

Deno.test("[E1] send publishes to a room, a user, a session and everyone, and prints each id", async () => {
  await using shop = await BackEnd.start();
  const user = JSON.parse((await shop.run({ args: ["token", "session", "7", "bob"] })).stdout);
  const send = (to: string) => shop.run({ args: ["send", to, `to ${to}`] });

  const room = await send("room:tea");
  const named = await send("user:7");
  const addressed = await send(`session:${user.publicToken}`);
  const all = await send("everyone");

  const results = [room, named, addressed, all];
  assertEquals(results.map(({ code, stderr }) => [code, stderr]), Array(4).fill([0, ""]));
  assertEquals(results.map(({ stdout }) => stdout), ["1\n", "2\n", "3\n", "4\n"]);
  const own = await shop.history(`notice:${user.publicToken}`, user.privateToken);
  assertEquals((await shop.history("room:tea"))[0].text, "to room:tea");
  assertEquals(own.map(({ id }: { id: number }) => id), [2, 3]);
  assertEquals((await shop.history("notice"))[0].text, "to everyone");
});

Deno.test("[E2] the standard input is the text, without the line break at its end, or JSON", async () => {
  await using shop = await BackEnd.start();

  const results = [
    await shop.run({ args: ["send", "room:tea"], input: "two\nlines é\n" }),
    await shop.run({ args: ["send", "room:tea", "-", "--title", "Té"], input: "one line\n\n" }),
    await shop.run({ args: ["send", "room:tea", "--data", "-"], input: '{"a": [1]}\n' }),
    await shop.run({ args: ["send", "room:tea", "--data", "null"], input: "not read" }),
  ];

  assertEquals(results.map(({ code }) => code), [0, 0, 0, 0]);
  const messages = (await shop.history("room:tea")).map((
    { title, text, data }: Record<string, unknown>,
  ) => [title, text, data]);
  assertEquals(messages, [
    [undefined, "two\nlines é", undefined],
    ["Té", "one line\n", undefined],
    [undefined, undefined, { a: [1] }],
    [undefined, undefined, null],
  ]);
});

Deno.test("[E3] send retries until a response arrives, and the message is stored once", async () => {
  await using shop = await BackEnd.start();
  let attempts = 0;
  await using lossy = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    async (request) => {
      const { pathname } = new URL(request.url);
      const { method, headers } = request;
      const response = await fetch(shop.url + pathname, {
        method,
        headers,
        body: await request.text(),
      });
      const body = await response.text();
      return ++attempts < 3
        ? new Response("bad gateway", { status: 502 })
        : new Response(body, response);
    },
  );

  const { code, stdout, stderr } = await shop.run({
    args: ["send", "room:tea", "hello"],
    settings: { HALLEY_URL: `http://127.0.0.1:${lossy.addr.port}` },
  });

  assertEquals([code, stdout, attempts], [0, "1\n", 3]);
  assertMatch(stderr, /status 502.* Retrying\n$/);
  assertEquals((await shop.history("room:tea")).length, 1);
});

Deno.test("[E3] if no server responds, send ends after --timeout with status 3, and prints the key to retry with", async () => {
  const { code, stdout, stderr } = await runCommand({
    args: ["send", "room:tea", "hello", "--timeout", "1", "--key", "tea-1"],
    settings: { HALLEY_KEY: KEYS.both, HALLEY_URL: "http://127.0.0.1:9" },
  });

  assertEquals([code, stdout], [3, ""]);
  assertStringIncludes(stderr, "http://127.0.0.1:9 does not respond. Check HALLEY_URL");
  assertStringIncludes(stderr, "--key tea-1");
});

Deno.test("[E4] a rejection is explained in one line, with status 1", async () => {
  await using shop = await BackEnd.start();
  await shop.run({ args: ["send", "room:tea", "hello", "--key", "tea-1"] });
  const rejection = async (args: string[], key: string = KEYS.both) => {
    const result = await shop.run({ args: ["send", ...args], settings: { HALLEY_KEY: key } });
    assertEquals([result.code, result.stdout], [1, ""]);
    assertEquals(result.stderr.split("\n").length, 2, result.stderr);
    return result.stderr;
  };

  assertMatch(
    await rejection(["room:tea", "hello"], KEYS.read),
    /does not have the scope "publish"/,
  );
  assertMatch(
    await rejection(["room:tea", "hello"], "wrong"),
    /one of the keys in the server's API_KEYS/,
  );
  assertMatch(
    await rejection(["tea", "hello"]),
    /"tea" is not a valid recipient: use everyone, room:<name>/,
  );
  assertMatch(
    await rejection(["session:abcdefghijklmnop", "hello"]),
    /no session .* "abcdefghijklmnop"/,
  );
  assertMatch(await rejection(["room:tea", "x".repeat(9_000)]), /longer than 8192 bytes/);
  assertMatch(await rejection(["room:tea", "bye", "--key", "tea-1"]), /tea-1.* used for another/);
  assertMatch(await rejection(["room:tea", ""]), /empty/);
});

Deno.test("[E4] a URL that is not a Halley server is distinguished from a wrong key", async () => {
  await using other = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    () => new Response("<h1>Not here</h1>", { status: 404 }),
  );

  const { code, stderr } = await runCommand({
    args: ["send", "room:tea", "hello", "--timeout", "1"],
    settings: { HALLEY_KEY: KEYS.both, HALLEY_URL: `http://127.0.0.1:${other.addr.port}` },
  });

  assertEquals(code, 3);
  assertMatch(stderr, /is not from Halley: status 404 with text\/plain\. Check HALLEY_URL/);
});

Deno.test("[E16] the URL and the key are read from .env, and the environment takes precedence", async () => {
  await using server = await ServerProcess.start({ settings: { STORE: "memory", API_KEYS } });
  const args = ["send", "room:tea", "hello"];
  const files = { ".env": `HALLEY_URL=${server.url}/\nHALLEY_KEY='${KEYS.both}'\n` };

  const local = await runCommand({ args, files });
  const overridden = await runCommand({ args, files, settings: { HALLEY_KEY: KEYS.read } });

  assertEquals([local.code, local.stdout], [0, "1\n"]);
  assertMatch(overridden.stderr, /does not have the scope "publish"/);
});
