import type { BrowserContext, Page } from "playwright-core";
import type { CometClient, SignedIn } from "../../client/comet/halley.ts";
import { type BrowserChat, PUBLISH_KEY } from "./browser_chat.ts";
import { hidePage } from "./hide_page.ts";

/** A page that contains only a client of the library. */
const PAGE = `<!doctype html>
<link rel="icon" href="data:,">
<script type="module">
  import { CometClient } from "/halley.js";

  globalThis.texts = [];
  globalThis.states = [];
  const client = globalThis.client = new CometClient({
    url: "/",
    hold: 20_000,
    ...JSON.parse(decodeURIComponent(location.hash.slice(1))),
    ...globalThis.clientOptions,
  });
  client.on("message", ({ text }) => texts.push(text));
  client.on("state", ({ name, reason }) => states.push(reason ?? name));
  client.startWaiting();
</script>`;

declare global {
  /** In the tab: the texts of the messages and the states that the client has emitted, oldest first. */
  var texts: string[];
  var states: string[];
  var client: CometClient;
}

/** A browser in which tabs with clients of one session can be opened. */
export class ClientBrowser {
  readonly context: BrowserContext;
  /** Opens another browser with the same session. */
  readonly openAnother: () => Promise<ClientBrowser>;
  readonly #url: string;
  readonly #session: Pick<SignedIn, "privateToken">;

  private constructor(
    context: BrowserContext,
    url: string,
    session: Pick<SignedIn, "privateToken">,
    openAnother: () => Promise<ClientBrowser>,
  ) {
    this.context = context;
    this.openAnother = openAnother;
    this.#url = url;
    this.#session = session;
  }

  /** `script` runs in each page before any other script. */
  static async open(
    chat: BrowserChat,
    session: Pick<SignedIn, "privateToken">,
    script: () => void = () => {},
  ): Promise<ClientBrowser> {
    const context = await chat.browser.newContext();
    await chat.errors.watch(context);
    await context.addInitScript(script);
    const page = { contentType: "text/html", body: PAGE };
    await context.route(`${chat.url}/client`, (route) => route.fulfill(page));
    const openAnother = () => ClientBrowser.open(chat, session, script);
    return new ClientBrowser(context, chat.url, session, openAnother);
  }

  /** Opens a tab whose client reads these rooms. */
  openTab(...channels: readonly string[]): Promise<ClientTab> {
    return this.openTabAs(this.#session, ...channels);
  }

  /** Opens a tab whose client has another token. */
  async openTabAs(
    { privateToken }: Pick<SignedIn, "privateToken">,
    ...channels: readonly string[]
  ): Promise<ClientTab> {
    const page = await this.context.newPage();
    const options = encodeURIComponent(
      JSON.stringify({ privateToken: privateToken || undefined, channels }),
    );
    await page.goto(`${this.#url}/client#${options}`);
    return new ClientTab(page);
  }

  /** Opens several tabs, one after the other. */
  async openTabs(count: number, ...channels: readonly string[]): Promise<ClientTab[]> {
    const tabs: ClientTab[] = [];
    while (tabs.length < count) tabs.push(await this.openTab(...channels));
    return tabs;
  }
}

/** A tab with a client. */
export class ClientTab {
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

  /** Dispatches an event to the window, such as `pagehide`. */
  async dispatch(event: string): Promise<void> {
    await this.page.evaluate((event) => void dispatchEvent(new Event(event)), event);
  }

  /** Lets the page believe that it is hidden or shown. */
  async hide(isHidden = true): Promise<void> {
    await hidePage(this.page, isHidden);
  }
}

/** Signs a user of the application in: each time with another token. */
export async function signInUser({ url }: BrowserChat): Promise<SignedIn> {
  const response = await fetch(`${url}/api/sessions`, {
    method: "POST",
    headers: { "authorization": `Bearer ${PUBLISH_KEY}`, "content-type": "application/json" },
    body: JSON.stringify({ userId: "7", displayName: "carol" }),
  });
  return await response.json();
}
