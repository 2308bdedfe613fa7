import { join } from "node:path";
import { assertEquals } from "@std/assert";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { openBrowser } from "../support/browser.ts";
import { ServerProcess } from "../support/server_process.ts";
import { ChatPage } from "./chat_page.ts";
import { Faults } from "./faults.ts";
import { OldPage } from "./old_page.ts";
import { type JQUERIES, OldSite } from "./old_site.ts";

/**
 * A test with a Halley, of these settings, and a Chromium of its own. It fails, too, if any page did what none should
 * (`Faults`).
 */
export function withChat(
  test: (chat: BrowserChat) => Promise<void>,
  settings: Settings = {},
): () => Promise<void> {
  return async () => {
    await using chat = await BrowserChat.open(settings);
    try {
      await test(chat);
    } catch (error) {
      console.error(chat.faults.all); // One of them may be the reason.
      throw error;
    }
    assertEquals(chat.faults.all, []);
  };
}

type Settings = Readonly<Record<string, string>>;

/** The key of a back end that may publish. */
export const PUBLISHER = "a-key-for-the-browser-tests";

/** A Halley in a process of its own, and a Chromium whose pages talk to it. */
export class BrowserChat implements AsyncDisposable {
  readonly browser: Browser;
  readonly faults = new Faults();
  /** The first of them keeps the folder. */
  readonly #servers: ServerProcess[];
  readonly #sites = new AsyncDisposableStack();

  readonly #settings: Settings;

  private constructor(browser: Browser, server: ServerProcess, settings: Settings) {
    this.browser = browser;
    this.#servers = [server];
    this.#settings = settings;
  }

  static async open(settings: Settings = {}): Promise<BrowserChat> {
    await using opened = new AsyncDisposableStack();
    // Some say in a moment what takes people an hour.
    const all = { API_KEYS: `shop:publish:${PUBLISHER}`, LIMITS: "off", ...settings };
    const server = opened.use(await ServerProcess.start({ settings: all }));
    const browser = opened.use(await openBrowser());
    opened.move();
    return new BrowserChat(browser, server, all);
  }

  get url(): string {
    return this.#server.url;
  }

  /** Where the server keeps its messages. */
  get store(): string {
    return join(this.#server.folder, "data/halley.db");
  }

  /** A browser of somebody's own, on the page that asks for a name. */
  async visit(options: BrowserContextOptions = {}): Promise<ChatPage> {
    return new ChatPage(await this.openPage(this.url, options));
  }

  /** A browser of somebody's own, who has signed in and is connected. */
  async signIn(displayName: string, options: BrowserContextOptions = {}): Promise<ChatPage> {
    const person = await this.visit(options);
    await person.signIn(displayName);
    return person;
  }

  /** A browser of somebody's own, on an old page, who has entered there. */
  async enterOldPage(displayName: string, jquery: keyof typeof JQUERIES): Promise<OldPage> {
    const site = this.#sites.use(await OldSite.open(this.url, jquery));
    const old = new OldPage(await this.openPage(site.url));
    await old.enter(displayName);
    return old;
  }

  /** A page of somebody's own, in a browser of its own. */
  async openPage(url: string, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.browser.newContext({ locale: "en-US", ...options });
    await this.faults.watch(context);
    const page = await context.newPage();
    await page.goto(url);
    return page;
  }

  /** Ends the server with SIGKILL. */
  async kill(): Promise<void> {
    this.faults.isServerAway = true;
    this.#server.kill("SIGKILL");
    await this.#server.ended();
  }

  /** Starts the server again: the same address, the same database. */
  async restart(): Promise<void> {
    const settings = { ...this.#settings, PORT: new URL(this.url).port };
    this.#servers.push(await ServerProcess.start({ folder: this.#server.folder, settings }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.browser.close();
    await this.#sites[Symbol.asyncDispose]();
    for (const server of this.#servers.toReversed()) await server[Symbol.asyncDispose]();
  }

  get #server(): ServerProcess {
    return this.#servers.at(-1)!;
  }
}
