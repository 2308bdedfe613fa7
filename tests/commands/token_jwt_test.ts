import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { CommandError, UsageError } from "../../server/commands/command_error.ts";
import { createJwt } from "../../server/commands/token.ts";
import { Chat } from "../support/chat.ts";
import { JWT, SECRET } from "../support/tokens.ts";
import { BackEnd, withoutTimes } from "./back_end.ts";

const SETTINGS = {
  JWT_SECRET: SECRET,
  JWT_ISSUER: "https://shop.example",
  JWT_AUDIENCE: "halley",
};

Deno.test("[E20] token jwt makes a token that a server with the same settings accepts", async () => {
  await using chat = await Chat.open({ jwt: JWT });
  const token = await createJwt(["--sub", "42", "--name", "Ann"], SETTINGS);
  const ann = await chat.withToken(token);

  assertEquals(ann.displayName, "Ann");
  assertEquals((await ann.say("room:tea", "hello")).status, 201);
});

Deno.test("[E20] the token has the rights that are named, and no others", async () => {
  await using chat = await Chat.open({ jwt: JWT });
  const args = ["--sub", "42", "--read", "room:tea, room:team-*", "--write", "room:tea"];
  const ann = await chat.withToken(await createJwt(args, SETTINGS));
  const statuses = async (room: string) => [
    (await ann.request("GET", `/api/channels/${room}/messages`)).status,
    (await ann.say(room, "hello")).status,
  ];

  assertEquals(await statuses("room:tea"), [200, 201]);
  assertEquals(await statuses("room:team-7"), [200, 403]);
  assertEquals(await statuses("room:milk"), [403, 403]);
});

Deno.test("[E23] the token has the right to the patterns that are named", async () => {
  await using chat = await Chat.open({ jwt: JWT });
  const args = ["--sub", "42", "--patterns", "room:support-*, room:help-*"];
  const ann = await chat.withToken(await createJwt(args, SETTINGS));

  const { refused } = await ann.poll({ channels: ["room:support-*", "room:team-*"] });

  assertEquals(refused, [{ channel: "room:team-*", code: "not_allowed" }]);
});

for (
  const args of [
    [],
    ["--sub", ""],
    ["--sub", "42", "more"],
    ["--sub", "42", "--read", "tea"],
    ["--sub", "42", "--write", ""],
    ["--sub", "42", "--patterns", "room:tea"],
    ["--sub", "42", "--patterns", "direct:*"],
    ["--sub", "42", "--expires", "0"],
    ["--sub", "42", "--expires", "soon"],
    ["--sub", "42", "--scope", "x"],
  ]
) {
  Deno.test(`[E17] "halley ${["token", "jwt", ...args].join(" ")}" is rejected`, async () => {
    await assertRejects(() => createJwt(args, SETTINGS), UsageError);
  });
}

for (
  const settings of [
    {},
    { JWT_SECRET: "short" },
    { JWT_JWKS_URL: "https://id.example/keys" },
  ]
) {
  Deno.test(`[E20] with ${JSON.stringify(settings)} no token is made, and the secret is not shown`, async () => {
    const error = await assertRejects(() => createJwt(["--sub", "42"], settings), CommandError);

    assertStringIncludes(error.message, "JWT_SECRET is not set, or not valid");
    assertEquals(error.message.includes("short"), false);
  });
}

Deno.test("[E21] tail prints what the user of a token may read", async () => {
  await using shop = await BackEnd.start({ AUTH: "jwt", ...SETTINGS });
  await shop.publish("room:tea", "hello");
  const { stdout, stderr } = await shop.run({
    args: ["token", "jwt", "--sub", "42", "--read", "room:tea"],
    settings: SETTINGS,
  });
  const tail = (room: string) =>
    shop.run({
      args: ["tail", room, "--history", "1", "--limit", "1"],
      settings: { HALLEY_KEY: stdout.trim() },
    });

  const tea = await tail("room:tea");
  const milk = await tail("room:milk");

  assertEquals([stderr, tea.code, withoutTimes(tea.stdout)], ["", 0, ["* hello"]]);
  assertEquals([milk.code, milk.stdout], [1, ""]);
  assertStringIncludes(milk.stderr, "room:milk");
});
