import { join } from "node:path";
import { assertEquals } from "@std/assert";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { ReservedPort } from "../../server/base/reserved_port.ts";
import { openBrowser } from "../support/browser.ts";
import { ServerProcess } from "../support/server_process.ts";
import { ChatPage } from "./chat_page.ts";
import { PageErrors } from "./page_errors.ts";
import { LegacyPage } from "./legacy_page.ts";
import { type JQUERIES, LegacySite } from "./legacy_site.ts";

/** The browser of a file's tests: to open one costs as much as a short test. Each test has contexts of its own. */
let browserOfFile: Browser | undefined;
Deno.test.beforeAll(async () => {
  browserOfFile = await openBrowser();
});
Deno.test.afterAll(() => browserOfFile?.close());

/**
 * Runs a test with a server of its own, in the browser of its file or, with `launch`, in another one. The test also fails if a
 * page had an unexpected error.
 */
export function withChat(
  test: (chat: BrowserChat) => Promise<void>,
  settings: Settings = {},
  launch?: () => Promise<Browser>,
): () => Promise<void> {
  return async () => {
    await using chat = await BrowserChat.open(settings, launch);
    try {
      await test(chat);
    } catch (error) {
      console.error(chat.errors.all); // They may be the cause.
      throw error;
    }
    assertEquals(chat.errors.all, []);
  };
}

type Settings = Readonly<Record<string, string>>;

/** The API key of a back end that can publish. */
export const PUBLISH_KEY = "a-key-for-the-browser-tests";

/** A server in its own process, and a Chromium whose pages use it. The contexts are closed at the end. */
export class BrowserChat implements AsyncDisposable {
  readonly browser: Browser;
  readonly #isShared: boolean;
  readonly errors = new PageErrors();
  /** The server, and the ones before it that were killed; the first owns the data folder. */
  readonly #servers: ServerProcess[];
  readonly #sites = new AsyncDisposableStack();
  readonly #port: ReservedPort;
  readonly #settings: Settings;

  private constructor(
    { browser, isShared }: { readonly browser: Browser; readonly isShared: boolean },
    server: ServerProcess,
    port: ReservedPort,
    settings: Settings,
  ) {
    this.browser = browser;
    this.#isShared = isShared;
    this.#servers = [server];
    this.#port = port;
    this.#settings = settings;
  }

  static async open(
    settings: Settings = {},
    launch?: () => Promise<Browser>,
  ): Promise<BrowserChat> {
    await using opened = new AsyncDisposableStack();
    const port = opened.use(new ReservedPort());
    const PORT = String(port.number);
    // Some tests send more in a second than the rate limits allow.
    const all = { PORT, API_KEYS: `shop:publish+users:${PUBLISH_KEY}`, LIMITS: "off", ...settings };
    const server = opened.use(await ServerProcess.start({ settings: all }));
    const isShared = launch === undefined && browserOfFile !== undefined;
    const browser = isShared ? browserOfFile! : opened.use(await (launch ?? openBrowser)());
    opened.move();
    return new BrowserChat({ browser, isShared }, server, port, all);
  }

  get url(): string {
    return this.#server.url;
  }

  /** The path of the server's database. */
  get database(): string {
    return join(this.#server.folder, "data/halley.db");
  }

  /** Opens the page in a new browser context. */
  async visit(options: BrowserContextOptions = {}): Promise<ChatPage> {
    return new ChatPage(await this.openPage(this.url, options));
  }

  /** Opens the page in a new browser context and signs in. */
  async signIn(displayName: string, options: BrowserContextOptions = {}): Promise<ChatPage> {
    const page = await this.visit(options);
    await page.signIn(displayName);
    return page;
  }

  /** Opens a legacy page in a new browser context and enters a name. */
  async openLegacyPage(displayName: string, jquery: keyof typeof JQUERIES): Promise<LegacyPage> {
    const site = this.#sites.use(await LegacySite.open(this.url, jquery));
    const page = new LegacyPage(await this.openPage(site.url));
    await page.enter(displayName);
    return page;
  }

  /** Opens a URL in a new browser context. */
  async openPage(url: string, options: BrowserContextOptions = {}): Promise<Page> {
    // The routes of tests do not see the requests of a worker.
    const without = { serviceWorkers: "block" } as const;
    const context = await this.browser.newContext({ locale: "en-US", ...without, ...options });
    await this.errors.watch(context);
    const page = await context.newPage();
    await page.goto(url);
    return page;
  }

  /** Kills the server with SIGKILL. */
  async kill(): Promise<void> {
    this.errors.expect("network");
    this.#server.kill("SIGKILL");
    await this.#server.ended();
  }

  /** Starts the server again with the same port and database, and with `changed` settings. */
  async restart(changed: Settings = {}): Promise<void> {
    const settings = { ...this.#settings, ...changed };
    this.#servers.push(await ServerProcess.start({ folder: this.#server.folder, settings }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isShared) await Promise.all(this.browser.contexts().map((one) => one.close()));
    else await this.browser.close();
    await this.#sites[Symbol.asyncDispose]();
    for (const server of this.#servers.toReversed()) await server[Symbol.asyncDispose]();
    this.#port[Symbol.dispose]();
  }

  get #server(): ServerProcess {
    return this.#servers.at(-1)!;
  }
}
