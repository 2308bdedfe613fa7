import { assertEquals } from "@std/assert";
import { join } from "node:path";
import type { BrowserContext } from "playwright-core";
import { openBrowser } from "../support/browser.ts";
import { AdminPage, KEY_SETTINGS } from "../browser/admin_page.ts";
import { ChatPage } from "../browser/chat_page.ts";
import { PageErrors } from "../browser/page_errors.ts";
import { NodeProcesses } from "./node_processes.ts";
import { isInstalled, Proxied } from "./proxied.ts";
import { type Placement, PROXIES, type Proxy } from "./proxies.ts";

const [NGINX] = PROXIES;

/** The nginx of the documentation, with a gate. */
function gatedNginx(gate: string): Proxy {
  if (NGINX === undefined) throw new Error("There is no configuration of nginx");
  return {
    ...NGINX,
    adapt(snippet: string, placement: Placement) {
      Deno.writeTextFileSync(join(placement.folder, "halley.htpasswd"), "guest:{PLAIN}tea\n");
      return NGINX.adapt(snippet, placement)
        .replace(
          /server_name .*/,
          (line) => `${line}\n${gate.replace("/etc/nginx", placement.folder)}`,
        )
        // Browsers open more connections than the other tests allow.
        .replace("halley_address 4;", "halley_address 100;");
    },
  };
}

/** The lines in OPERATING.md for Basic authentication. */
const [, BASIC = ""] = /```nginx\n(auth_basic [^`]*)```/.exec(
  await Deno.readTextFile(new URL("../../docs/OPERATING.md", import.meta.url)),
) ?? [];

const COOKIE = `
  location = /let-me-in {
    add_header Set-Cookie "gate=open; Path=/; Secure; HttpOnly; SameSite=Lax";
    return 302 /;
  }
  if ($request_uri !~ ^/let-me-in) { set $gate "shut"; }
  if ($cookie_gate = "open") { set $gate "open"; }
  if ($gate = "shut") { return 401; }`;

const test = isInstalled("nginx", "nginx") ? Deno.test : Deno.test.ignore;

for (
  const [name, gate, { path, ...options }] of [
    ["Basic authentication", BASIC, {
      path: "/",
      httpCredentials: { username: "guest", password: "tea" },
    }],
    ["a gate with cookies", COOKIE, { path: "/let-me-in" }],
  ] as const
) {
  test(`[O69] behind ${name} the pages sign in, send and receive`, async () => {
    await using proxied = await Proxied.start(
      gatedNginx(gate),
      await NodeProcesses.start(KEY_SETTINGS),
    );
    await using browser = await openBrowser("--ignore-certificate-errors");
    const errors = new PageErrors();
    const url = `https://127.0.0.1:${proxied.port}`;
    assertEquals((await proxied.chat.request("GET", "/api/rooms")).status, 401);
    const refused: string[] = [];
    const open = async () => {
      const context = await browser.newContext({ ...options, ignoreHTTPSErrors: true });
      await errors.watch(context);
      watchRefusals(context, refused);
      const page = await context.newPage();
      await page.goto(`${url}${path}`);
      return new ChatPage(page);
    };

    const [alice, bob] = [await open(), await open()];
    await alice.signIn("alice");
    await bob.signIn("bob");
    await alice.say("hello bob");
    await bob.sees("hello bob");
    await bob.page.reload();
    await bob.isConnected();
    await bob.say("hello alice");
    await alice.sees("hello bob", "hello alice");
    // Without it, browsers request the manifest without cookies. Headless ones do not request it at all.
    const manifest = alice.page.locator("link[rel=manifest][crossorigin=use-credentials]");
    assertEquals(await manifest.count(), 1);

    await bob.page.goto(`${url}/admin`);
    const admin = new AdminPage(bob.page);
    await admin.enterKey("the-key-for-administering");
    await admin.metric("parked").waitFor();

    assertEquals(refused.filter((line) => !line.endsWith(" /")), []);
    assertEquals(errors.all, []);
  });
}

/** Collects the requests that the gate or the server refuses. */
function watchRefusals(context: BrowserContext, refused: string[]): void {
  context.on("response", (response) => {
    if (response.status() === 401) refused.push(`401 ${new URL(response.url()).pathname}`);
  });
}
