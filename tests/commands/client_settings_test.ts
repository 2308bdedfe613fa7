import { assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { readClientSettings } from "../../server/commands/client/client_settings.ts";
import { CommandError } from "../../server/commands/command_error.ts";
import { BackEnd, withoutTimes } from "./back_end.ts";

const KEY = "uhkdzVYTfVz_QQ3ZH5s7QXvwz9Pux-f-";

Deno.test("[E16] HALLEY_URL is this machine by default, and can contain a path", () => {
  const urlOf = (HALLEY_URL?: string) =>
    readClientSettings({ HALLEY_KEY: KEY, ...(HALLEY_URL !== undefined && { HALLEY_URL }) }).url;

  assertEquals(urlOf(), "http://127.0.0.1:8000");
  assertEquals(urlOf(""), "http://127.0.0.1:8000");
  assertEquals(urlOf("https://shop.example/chat/"), "https://shop.example/chat");
});

for (
  const [settings, message] of [
    [{}, "HALLEY_KEY is not set"],
    [{ HALLEY_KEY: "  " }, "HALLEY_KEY is not set"],
    [{ HALLEY_KEY: `shop:publish:sha256$${"0".repeat(64)}` }, "set it to the key itself"],
    [{ HALLEY_KEY: `sha256$${"0".repeat(64)}` }, "set it to the key itself"],
    [{ HALLEY_KEY: `${KEY} ${KEY}` }, "HALLEY_KEY contains spaces"],
    [{ HALLEY_KEY: `${KEY}\u00e9` }, "HALLEY_KEY contains spaces"],
    [{ HALLEY_KEY: KEY, HALLEY_URL: "shop.example" }, 'HALLEY_URL is "shop.example"; allowed'],
    [{ HALLEY_KEY: KEY, HALLEY_URL: "ftp://shop.example" }, "HALLEY_URL is"],
    [{ HALLEY_KEY: KEY, HALLEY_URL: "http://shop.example/?a" }, "HALLEY_URL is"],
    [
      { HALLEY_KEY: KEY, HALLEY_URL: `http://a:${KEY}@shop.example` },
      "HALLEY_URL must not contain",
    ],
  ] as const
) {
  Deno.test(`[E16] invalid settings are rejected without showing the key: ${message}`, () => {
    const error = assertThrows(() => readClientSettings(settings), CommandError);

    assertStringIncludes(error.message, message);
    assertEquals(error.message.includes(KEY), false);
    assertEquals(error.status, 2);
  });
}

Deno.test("[E19] with a path in HALLEY_URL, send and tail work below it", async () => {
  await using shop = await BackEnd.start({ BASE_PATH: "/chat" });
  assertMatch(shop.url, /^http:\/\/127\.0\.0\.1:\d+\/chat$/);

  for (const url of [shop.url, `${shop.url}/`]) {
    const { code, stderr } = await shop.run({
      args: ["send", "room:tea", "hello"],
      settings: { HALLEY_URL: url },
    });
    assertEquals([code, stderr], [0, ""]);
  }
  const { stdout } = await shop.run({
    args: ["tail", "room:tea", "--history", "2", "--limit", "2"],
  });

  assertEquals(withoutTimes(stdout), ["* hello", "* hello"]);
});
