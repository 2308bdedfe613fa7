import { assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import { parse } from "@std/dotenv";
import { UsageError } from "../../server/commands/command_error.ts";
import { createKey, createPushSetting } from "../../server/commands/token.ts";
import { isPushKey } from "../../server/push/push_key.ts";
import { parseKeySettings } from "../../server/http/auth/api_keys.ts";
import { ServerProcess } from "../support/server_process.ts";
import { BackEnd, KEYS, runCommand } from "./back_end.ts";

Deno.test("[E14] a key is random, and its line for API_KEYS contains only its digest, in quotes", async () => {
  const [lines, others] = [
    await createKey(["shop", "publish+read"]),
    await createKey(["shop", "read"]),
  ];
  const { HALLEY_KEY = "", API_KEYS = "" } = parse(lines);

  assertMatch(HALLEY_KEY, /^[A-Za-z0-9_-]{32}$/);
  assertNotEquals(parse(others).HALLEY_KEY, HALLEY_KEY);
  const [key] = parseKeySettings(API_KEYS) ?? [];
  assertEquals([key?.name, key?.scopes], ["shop", ["publish", "read"]]);
  assertEquals(lines.split(HALLEY_KEY).length, 2);
  // Shells and some readers of .env files expand $.
  assertMatch(lines, /\nAPI_KEYS='[^']*'$/);
});

Deno.test("[E14] the output of token is a .env file for a server and its client", async () => {
  const created = await runCommand({ args: ["token", "key", "shop", "publish"] });
  const files = { ".env": created.stdout };
  await using server = await ServerProcess.start({ files, settings: { STORE: "memory" } });

  const { code, stdout } = await runCommand({
    args: ["send", "room:tea", "hello"],
    files,
    settings: { HALLEY_URL: server.url },
  });

  assertEquals([created.code, created.stderr], [0, ""]);
  assertEquals([code, stdout], [0, "1\n"]);
});

for (
  const args of [
    [],
    ["shop"],
    ["shop", "write"],
    ["shop", ""],
    ["shop", "publish,read"],
    ["the shop", "read"],
    ["shop", "read", "more"],
  ]
) {
  Deno.test(`[E17] "halley ${["token", "key", ...args].join(" ")}" is rejected`, async () => {
    await assertRejects(() => createKey(args), UsageError);
  });
}

Deno.test("[E15] the public token of a user is always the same, and each private token is a new one", async () => {
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

Deno.test("[E15] the display name is the user's id by default", async () => {
  await using shop = await BackEnd.start();

  const { stdout } = await shop.run({ args: ["token", "session", "7"] });

  assertEquals(JSON.parse(stdout).displayName, "7");
});

Deno.test("[E4] if the request is rejected or the server does not respond, session prints why, with status 1", async () => {
  await using shop = await BackEnd.start();
  const args = ["token", "session", "7"];

  const rejected = await shop.run({ args, settings: { HALLEY_KEY: KEYS.read } });
  const unanswered = await shop.run({ args, settings: { HALLEY_URL: "http://127.0.0.1:9" } });

  assertEquals([rejected.code, unanswered.code], [1, 1]);
  assertMatch(rejected.stderr, /does not have the scope "users"/);
  assertMatch(unanswered.stderr, /does not respond/);
});

Deno.test("[O120] token push makes a key for PUSH_KEY, another one each time", async () => {
  const keys = [await createPushSetting([]), await createPushSetting([])];

  const parsed = keys.map((lines) => /^# .*\nPUSH_KEY=(.*)$/.exec(lines)?.[1] ?? "");
  assertEquals(parsed.map(isPushKey), [true, true]);
  assertEquals(parsed[0] === parsed[1], false);
});
