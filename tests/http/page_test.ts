import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Assets, readAssets } from "../../server/http/assets.ts";
import { Chat } from "../support/chat.ts";

/** The page of Halley. `deno task build` bundles its scripts. */
const STATIC = fileURLToPath(new URL("../../static/", import.meta.url));

const isBuilt = existsSync(`${STATIC}built/app.js`) && existsSync(`${STATIC}built/halley.js`);

function testPage(
  title: string,
  check: (chat: Chat, assets: Assets) => Promise<void> | void,
): void {
  Deno.test({
    name: title,
    ignore: !isBuilt,
    fn: async () => {
      const assets = await readAssets(STATIC);
      await using chat = await Chat.open({ assets });
      await check(chat, assets);
    },
  });
}

testPage(
  "[V1] every file that the page refers to exists and has a hash in its name",
  async (chat) => {
    const page = await (await chat.request("GET", "/")).text();
    const paths = [...page.matchAll(/\s(?:src|href|data-(?:tokens|emoji|account))="([^"]*)"/g)].map(
      (
        [, path],
      ) => path ?? "",
    );

    for (const path of paths) {
      const { status, headers } = await chat.request("GET", `/${path}`);
      assertMatch(path, /\.[0-9a-f]{8}\.[a-z]+$/);
      assertEquals([path, status], [path, 200]);
      assertEquals(headers.get("cache-control"), "public, max-age=31536000, immutable");
    }
    assertEquals(paths.some((path) => path.startsWith("built/app.")), true);
  },
);

testPage("[V1] the page contains nothing that its policy forbids", async (chat) => {
  const response = await chat.request("GET", "/");
  const policy = response.headers.get("content-security-policy") ?? "";
  const page = await response.text();

  for (const forbidden of [/\sstyle=/i, /\son[a-z]+=/i, /<base/i]) {
    assertEquals([forbidden, forbidden.test(page)], [forbidden, false]);
  }
  const inlined = /<(script|style)(?![^>]*\ssrc=)[^>]*>(.*?)<\/\1>/gis;
  for (const [, name = "", content = ""] of page.matchAll(inlined)) {
    const hash = createHash("sha256").update(content).digest("base64");
    const allowed = policy.split("; ").find((one) => one.startsWith(`${name.toLowerCase()}-src `));
    assertStringIncludes(`${allowed} `, ` 'sha256-${hash}' `);
  }
  assertEquals(policy.includes("unsafe"), false);
});

testPage(
  "[V1] the static files load nothing from other origins",
  (_, assets) => {
    const decoder = new TextDecoder();
    for (const [path, { body, type }] of assets) {
      if (!/css|html/.test(type)) continue;
      const loaded = /(?:src="|url\(["']?|@import\s+["']|<link[^>]*href=")(?:https?:)?\/\//.test(
        decoder.decode(body),
      );
      assertEquals([path, loaded], [path, false]);
    }
  },
);

testPage("[V3] the client library is at /halley.js", async (chat) => {
  const response = await chat.request("GET", "/halley.js");

  assertEquals(response.status, 200);
  assertEquals(response.headers.get("content-type"), "text/javascript; charset=utf-8");
  assertEquals((await response.text()).length > 100, true);
});
