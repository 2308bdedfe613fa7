import { assertEquals } from "@std/assert";
import { ServerProcess } from "../support/server_process.ts";
import { withChat } from "./browser_chat.ts";
import { assertSoon } from "./assert_soon.ts";

Deno.test(
  "[C48] a page of another origin loads /halley.js",
  withChat(async (chat) => {
    await using site = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen() {} },
      () => new Response("<title>Tea</title>", { headers: { "content-type": "text/html" } }),
    );
    const page = await chat.browser.newPage();
    await page.goto(`http://127.0.0.1:${site.addr.port}/`);

    const names = await page.evaluate(
      async (url) => Object.keys(await import(`${url}/halley.js`)).sort(),
      chat.url,
    );

    assertEquals(names, [
      "CometClient",
      "HalleyError",
      "findTransfer",
      "firstMessage",
      "randomKey",
      "readFile",
      "searchMessages",
      "signIn",
      "uploadFile",
      "useTransfer",
    ]);
    await page.close();
  }),
);

Deno.test("[C48] /halley.js links to its types, which any origin can load", async () => {
  await using server = await ServerProcess.start({ settings: { STORE: "memory" } });

  const script = await fetch(`${server.url}/halley.js`);
  const typesUrl = new URL(script.headers.get("x-typescript-types") ?? "", script.url);
  const types = await fetch(typesUrl);
  await script.body?.cancel();

  assertEquals([typesUrl.pathname, types.status], ["/halley.d.ts", 200]);
  assertEquals(types.headers.get("content-type"), "application/typescript; charset=utf-8");
  assertEquals(types.headers.get("access-control-allow-origin"), "*");
  await assertSoon(
    async () => (await types.text()).includes("export declare class CometClient"),
    true,
  );
});
