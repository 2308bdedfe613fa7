import { assertEquals } from "@std/assert";
import { Application } from "../browser/application.ts";
import { assertSoon } from "../browser/assert_soon.ts";
import { ChatPage } from "../browser/chat_page.ts";
import { PageErrors } from "../browser/page_errors.ts";
import { WidgetPage } from "../browser/widget_page.ts";
import { openBrowser } from "../support/browser.ts";
import { ServerProcess } from "../support/server_process.ts";
import { SECRET, tokenFor } from "../support/tokens.ts";
import { PATH_PROXIES } from "./path_proxies.ts";
import { isInstalled, Proxied } from "./proxied.ts";

const SETTINGS = {
  AUTH: "jwt",
  JWT_SECRET: SECRET,
  JWT_ISSUER: "https://shop.example",
  JWT_AUDIENCE: "halley",
  TOKEN_URL: "/chat-token",
  SIGN_IN_URL: "/login",
  SIGN_OUT_URL: "/logout",
  TRUST_PROXY: "127.0.0.1",
  LIMITS: "off",
};

const [nginx] = PATH_PROXIES;
const test = isInstalled("nginx", "nginx") ? Deno.test : Deno.test.ignore;

test("[O70] below the path of its site, an application's users are in the page and in the widget", async () => {
  await using application = new Application();
  await using halley = await ServerProcess.start({ settings: SETTINGS });
  await using proxied = await Proxied.start(nginx!.proxy, {
    left: { address: new URL(halley.url).host },
    right: { address: new URL(application.origin).host },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
  await using browser = await openBrowser("--ignore-certificate-errors");
  const errors = new PageErrors();
  errors.expect("refusal");
  const url = `https://127.0.0.1:${proxied.port}`;
  const widgetTag = '<script src="/chat/widget.js" data-token-url="/chat-token"></script>';
  application.pages.set("/", `<title>Telescopes</title>${widgetTag}`);
  const context = await browser.newContext({ locale: "en-US", ignoreHTTPSErrors: true });
  await errors.watch(context);

  const alice = new ChatPage(await context.newPage());
  await alice.page.goto(`${url}/chat`);
  await alice.page.getByRole("link", { name: "Sign in" }).click();
  await alice.page.waitForURL(`${url}/login`);
  application.answer = { text: await tokenFor() };
  await alice.page.goto(`${url}/chat/`);
  await alice.isConnected();
  const widget = new WidgetPage(await context.newPage());
  await widget.page.goto(url);
  await widget.launcher.click();
  await widget.composer.waitFor();
  await widget.say("from the widget");
  await alice.sees("from the widget");
  await alice.say("from the page");
  await widget.sees("from the widget", "from the page");

  // Page and widget are tabs of one user at one server.
  const parked = async () => {
    const metrics = await (await fetch(`${halley.url}/metrics`)).text();
    return /^halley_parked_polls (\d+)$/m.exec(metrics)?.[1];
  };
  await assertSoon(parked, "1");
  application.answer = { status: 401 };
  await alice.openSettings();
  await alice.page.getByRole("link", { name: "Sign out" }).click();
  await alice.page.waitForURL(`${url}/logout`);
  await widget.panel.getByRole("button", { name: "Try again" }).waitFor();
  assertEquals(errors.all, []);
});
