import { assertEquals } from "@std/assert";
import type { BrowserContext } from "playwright-core";
import { AdminPage, KEY_SETTINGS } from "../browser/admin_page.ts";
import { assertSoon } from "../browser/assert_soon.ts";
import { ChatPage } from "../browser/chat_page.ts";
import { ForeignSite } from "../browser/foreign_site.ts";
import { PageErrors } from "../browser/page_errors.ts";
import { WidgetPage } from "../browser/widget_page.ts";
import { openBrowser } from "../support/browser.ts";
import { ServerProcess } from "../support/server_process.ts";
import { passingOn, PATH_PROXIES } from "./path_proxies.ts";
import { isInstalled, Proxied, type Upstreams } from "./proxied.ts";

/** A page of the application with the widget and the library. */
const SHOP = `<!DOCTYPE html>
<html lang="en">
  <head><title>Telescopes</title><link rel="icon" href="data:,"></head>
  <body><script src="/chat/widget.js" data-room="lobby"></script></body>
</html>`;

/** Starts Halley and an application. */
async function startSite(settings: Readonly<Record<string, string>>): Promise<Upstreams> {
  await using stack = new AsyncDisposableStack();
  const halley = stack.use(
    await ServerProcess.start({
      settings: { ...KEY_SETTINGS, LIMITS: "off", TRUST_PROXY: "127.0.0.1", ...settings },
    }),
  );
  const site = stack.use(ForeignSite.open());
  site.put("/", { text: SHOP });
  const started = stack.move();
  return {
    left: { address: new URL(halley.url).host },
    right: { address: new URL(site.origin).host },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

for (const pathProxy of PATH_PROXIES) {
  const { proxy } = pathProxy;
  const test = isInstalled(proxy.name, proxy.program) ? Deno.test : Deno.test.ignore;
  for (
    const [how, configured, settings] of [
      ["removes the path", proxy, {}],
      ["passes the path on", passingOn(pathProxy), { BASE_PATH: "/chat" }],
    ] as const
  ) {
    test(`[O70] behind ${proxy.name}, which ${how}, page, admin page and widget work`, async () => {
      await using proxied = await Proxied.start(configured, await startSite(settings));
      await using browser = await openBrowser("--ignore-certificate-errors");
      const url = `https://127.0.0.1:${proxied.port}`;
      const errors = new PageErrors();
      const missing: string[] = [];
      const open = async (path: string) => {
        const context = await browser.newContext({ locale: "en-US", ignoreHTTPSErrors: true });
        await errors.watch(context);
        watchMissing(context, missing);
        const page = await context.newPage();
        await page.goto(`${url}${path}`);
        return page;
      };

      const alice = new ChatPage(await open("/chat"));
      assertEquals(new URL(alice.page.url()).pathname, "/chat/");
      await alice.signIn("alice");
      await alice.page.reload();
      await alice.isConnected();
      const bob = new WidgetPage(await open("/"));
      await bob.enter("bob");
      await bob.say("hello alice");
      await alice.sees("hello alice");
      await alice.say("hello bob");
      await bob.sees("hello alice", "hello bob");

      const rooms = await bob.page.evaluate(async () => {
        const library = "/chat/halley.js";
        const { CometClient, signIn } = await import(library);
        const { privateToken } = await signIn({ url: "/chat", displayName: "carol" });
        using client = new CometClient({ url: "/chat", privateToken });
        return (await client.rooms()).rooms.length;
      });
      assertEquals(rooms, 1);

      // Headless browsers do not request icons and manifests.
      for (const link of await alice.page.locator("link[href]").all()) {
        const address = new URL(await link.getAttribute("href") ?? "", `${url}/chat/`);
        const { status } = await proxied.chat.request("GET", address.pathname);
        assertEquals([address.pathname, status], [address.pathname, 200]);
      }
      await alice.page.goto(`${url}/chat/admin/`);
      assertEquals(new URL(alice.page.url()).pathname, "/chat/admin");
      const admin = new AdminPage(alice.page);
      await admin.enterKey("the-key-for-administering");
      await admin.metric("parked").waitFor();
      await assertSoon(() => admin.names().then((names) => names.includes("bob")), true);

      for (const path of ["metrics", "live", "ready", "ready/", "%6detrics", "metrics?x"]) {
        const { status } = await proxied.chat.request("GET", `/chat/${path}`);
        assertEquals([path, status], [path, 403]);
      }
      assertEquals([missing, errors.all], [[], []]);
    });
  }
}

/** Collects the addresses at which there is nothing. */
function watchMissing(context: BrowserContext, missing: string[]): void {
  context.on("response", (response) => {
    if (response.status() >= 400) missing.push(`${response.status()} ${response.url()}`);
  });
}
