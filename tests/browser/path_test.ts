import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { openBrowser } from "../support/browser.ts";
import { ServerProcess } from "../support/server_process.ts";
import { ADMIN_KEY, AdminPage, KEY_SETTINGS } from "./admin_page.ts";
import { assertSoon } from "./assert_soon.ts";
import { ChatPage } from "./chat_page.ts";
import { PageErrors } from "./page_errors.ts";

/** One origin with two servers, below `/a/` and `/b/`. */
class TwoPaths implements AsyncDisposable {
  readonly origin: string;
  readonly #stack: AsyncDisposableStack;

  private constructor(origin: string, stack: AsyncDisposableStack) {
    this.origin = origin;
    this.#stack = stack;
  }

  static async start(): Promise<TwoPaths> {
    await using stack = new AsyncDisposableStack();
    const settings = { ...KEY_SETTINGS, LIMITS: "off", STORE: "memory" };
    const a = stack.use(await ServerProcess.start({ settings }));
    const b = stack.use(await ServerProcess.start({ settings }));
    const proxy = stack.use(Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen() {} },
      async (request) => {
        const { pathname, search } = new URL(request.url);
        const server = { "/a/": a.url, "/b/": b.url }[pathname.slice(0, 3)];
        if (server === undefined) return new Response(null, { status: 404 });
        const { method, signal } = request;
        const headers = new Headers(request.headers);
        const body = method === "GET" ? null : await request.text();
        headers.delete("host");
        headers.set("accept-encoding", "identity");
        const url = server + pathname.slice(2) + search;
        // A page that is closed aborts its poll.
        return await fetch(url, { method, headers, body, signal, redirect: "manual" })
          .catch(() => new Response(null, { status: 502 }));
      },
    ));
    return new TwoPaths(`http://127.0.0.1:${proxy.addr.port}`, stack.move());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

async function openTab(page: Page, url: string): Promise<ChatPage> {
  const tab = await page.context().newPage();
  await tab.goto(url);
  return new ChatPage(tab);
}

Deno.test("[V8] two servers below two paths of one origin share nothing in a browser", async () => {
  await using site = await TwoPaths.start();
  await using browser = await openBrowser();
  const errors = new PageErrors();
  const context = await browser.newContext({ locale: "en-US", colorScheme: "light" });
  await errors.watch(context);
  const alice = await openTab(await context.newPage(), `${site.origin}/a/`);
  await alice.signIn("alice");

  const bob = await openTab(alice.page, `${site.origin}/b/`);
  await bob.signIn("bob");
  await alice.say("at a");
  await bob.say("at b");
  await alice.sees("at a");
  await bob.sees("at b");
  await alice.openSettings();
  await alice.settings.getByRole("radio", { name: "Dark" }).check();
  for (const tab of [alice, bob]) {
    await tab.page.reload();
    await tab.isConnected();
  }
  const themes = [alice, bob].map(({ page }) => page.locator("html").getAttribute("data-theme"));
  assertEquals(await Promise.all(themes), ["dark", null]);
  await alice.sees("at a");
  await bob.sees("at b");

  const admin = new AdminPage(await context.newPage());
  await admin.page.goto(`${site.origin}/a/admin`);
  await admin.enterKey(ADMIN_KEY);
  await assertSoon(() => admin.names(), ["alice"]);
  await admin.page.goto(`${site.origin}/b/admin`);
  await admin.page.locator("#admin-key").waitFor();

  await bob.signOut();
  await bob.nameField.waitFor();
  await alice.page.reload();
  await alice.isConnected();
  const names = await alice.page.evaluate(() => Object.keys(localStorage));
  assertEquals(names.filter((name) => name.startsWith("halley:/b/:session")), []);
  assertEquals(errors.all, []);
});
