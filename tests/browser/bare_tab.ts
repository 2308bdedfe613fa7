import type { BrowserContext, Page } from "playwright-core";
import type { CometClient, SignedIn } from "../../client/comet/halley.ts";
import type { BrowserChat } from "./browser_chat.ts";

/** A page with nothing in it but a client of the library. */
const BARE = `<!doctype html>
<link rel="icon" href="data:,">
<script type="module">
  import { CometClient } from "/halley.js";

  globalThis.texts = [];
  globalThis.states = [];
  const client = globalThis.client = new CometClient({
    url: "/",
    hold: 20_000,
    ...JSON.parse(decodeURIComponent(location.hash.slice(1))),
  });
  client.on("message", ({ text }) => texts.push(text));
  client.on("state", ({ name, reason }) => states.push(reason ?? name));
  client.startWaiting();
</script>`;

declare global {
  /** In a bare tab: the texts and states that its client has told, oldest first. */
  var texts: string[];
  var states: string[];
  var client: CometClient;
}

/** A browser of somebody who has signed in, in which bare tabs can be opened. */
export class BareBrowser {
  readonly context: BrowserContext;
  /** Opens another browser of the same person. */
  readonly another: () => Promise<BareBrowser>;
  readonly #url: string;
  readonly #session: SignedIn;

  private constructor(
    context: BrowserContext,
    url: string,
    session: SignedIn,
    another: () => Promise<BareBrowser>,
  ) {
    this.context = context;
    this.another = another;
    this.#url = url;
    this.#session = session;
  }

  /** `script` runs in each page before anything else does. */
  static async open(
    chat: BrowserChat,
    session: SignedIn,
    script: () => void = () => {},
  ): Promise<BareBrowser> {
    const context = await chat.browser.newContext();
    await chat.faults.watch(context);
    await context.addInitScript(script);
    const page = { contentType: "text/html", body: BARE };
    await context.route(`${chat.url}/bare`, (route) => route.fulfill(page));
    const another = () => BareBrowser.open(chat, session, script);
    return new BareBrowser(context, chat.url, session, another);
  }

  /** Opens a tab whose client reads these rooms. */
  async openTab(...channels: readonly string[]): Promise<BareTab> {
    const page = await this.context.newPage();
    const { privateToken } = this.#session;
    const options = encodeURIComponent(JSON.stringify({ privateToken, channels }));
    await page.goto(`${this.#url}/bare#${options}`);
    return new BareTab(page);
  }

  /** Opens several such tabs, one after the other. */
  async openTabs(count: number, ...channels: readonly string[]): Promise<BareTab[]> {
    const tabs: BareTab[] = [];
    while (tabs.length < count) tabs.push(await this.openTab(...channels));
    return tabs;
  }
}

/** One tab with a client in it. */
export class BareTab {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  texts(): Promise<string[]> {
    return this.page.evaluate(() => texts);
  }

  states(): Promise<string[]> {
    return this.page.evaluate(() => states);
  }

  state(): Promise<string> {
    return this.page.evaluate(() => client.state.name);
  }

  /** Something happens to the window, or seems to: `pagehide`, `pageshow`. */
  async happen(event: string): Promise<void> {
    await this.page.evaluate((event) => void dispatchEvent(new Event(event)), event);
  }

  /** Makes believe that the page is hidden, or shown. */
  async hide(hidden = true): Promise<void> {
    await this.page.evaluate((hidden) => {
      Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, hidden);
  }
}
