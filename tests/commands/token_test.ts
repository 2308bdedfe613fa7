import { assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import { parse } from "@std/dotenv";
import { UsageError } from "../../server/commands/client/command_error.ts";
import { makeKey } from "../../server/commands/token.ts";
import { parseKeySettings } from "../../server/http/auth/api_keys.ts";
import { ServerProcess } from "../support/server_process.ts";
import { BackEnd, KEYS, runCommand } from "./back_end.ts";

Deno.test("[E14] a key is random; its line for API_KEYS has its digest alone, and is in quotes", async () => {
  const [lines, others] = [
    await makeKey(["shop", "publish+read"]),
    await makeKey(["shop", "read"]),
  ];
  const { HALLEY_KEY = "", API_KEYS = "" } = parse(lines);

  assertMatch(HALLEY_KEY, /^[A-Za-z0-9_-]{32}$/);
  assertNotEquals(parse(others).HALLEY_KEY, HALLEY_KEY);
  const [key] = parseKeySettings(API_KEYS) ?? [];
  assertEquals([key?.name, key?.scopes], ["shop", ["publish", "read"]]);
  assertEquals(lines.split(HALLEY_KEY).length, 2);
  // Shells, and some readers of .env files, would take what stands behind a $ for a name.
  assertMatch(lines, /\nAPI_KEYS='[^']*'$/);
});

Deno.test("[E14] what token prints is a .env file for a server and its client", async () => {
  const made = await runCommand({ args: ["token", "key", "shop", "publish"] });
  const files = { ".env": made.stdout };
  await using server = await ServerProcess.start({ files, settings: { STORE: "memory" } });

  const { code, stdout } = await runCommand({
    args: ["send", "room:tea", "hello"],
    files,
    settings: { HALLEY_URL: server.url },
  });

  assertEquals([made.code, made.stderr], [0, ""]);
  assertEquals([code, stdout], [0, "1\n"]);
});

for (
  const words of [
    [],
    ["shop"],
    ["shop", "write"],
    ["shop", ""],
    ["shop", "publish,read"],
    ["the shop", "read"],
    ["shop", "read", "more"],
  ]
) {
  Deno.test(`[E17] "halley ${["token", "key", ...words].join(" ")}" is a wrong call`, async () => {
    await assertRejects(() => makeKey(words), UsageError);
  });
}

Deno.test("[E15] a user's public token is always the same, and each private token is a new one", async () => {
  await using shop = await BackEnd.start();

  const first = await shop.run({ args: ["token", "session", "7", "bob"] });
  const second = await shop.run({ args: ["token", "session", "7", "bob"] });

  assertEquals([first.code, second.code], [0, 0]);
  const [one, other] = [JSON.parse(first.stdout), JSON.parse(second.stdout)];
  assertEquals([one.displayName, one.userId], ["bob", "7"]);
  assertEquals(one.publicToken, other.publicToken);
  assertNotEquals(one.privateToken, other.privateToken);
  for (const { privateToken } of [one, other]) {
    await shop.history(`notice:${one.publicToken}`, privateToken);
  }
});

Deno.test("[E15] without a display name the user's id is shown", async () => {
  await using shop = await BackEnd.start();

  const { stdout } = await shop.run({ args: ["token", "session", "7"] });

  assertEquals(JSON.parse(stdout).displayName, "7");
});

Deno.test("[E4] a session that is refused, and one that nobody answers, are told; the status is 1", async () => {
  await using shop = await BackEnd.start();
  const args = ["token", "session", "7"];

  const refused = await shop.run({ args, settings: { HALLEY_KEY: KEYS.read } });
  const alone = await shop.run({ args, settings: { HALLEY_URL: "http://127.0.0.1:9" } });

  assertEquals([refused.code, alone.code], [1, 1]);
  assertMatch(refused.stderr, /does not have the scope "publish"/);
  assertMatch(alone.stderr, /does not answer/);
});
