import type { BrowserContextOptions, Locator, Page } from "playwright-core";
import type { BrowserChat } from "./browser_chat.ts";
import type { ChatPage } from "./chat_page.ts";

/** A key with the scope admin. */
export const ADMIN_KEY = "the-key-for-administering";
/** A key without the scope admin. */
export const PUBLISH_ONLY_KEY = "the-key-for-publishing-";
/** Settings with both keys. */
export const KEY_SETTINGS = {
  API_KEYS: `boss:admin:${ADMIN_KEY},shop:publish:${PUBLISH_ONLY_KEY}`,
} as const;

/** Signs alice and bob in, who has received her "hello". */
export async function sayHello(chat: BrowserChat): Promise<readonly [ChatPage, ChatPage]> {
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  await alice.say("hello");
  await bob.sees("hello");
  return [alice, bob];
}

/** The admin page in one window. */
export class AdminPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  static async visit(chat: BrowserChat, options: BrowserContextOptions = {}): Promise<AdminPage> {
    return new AdminPage(await chat.openPage(`${chat.url}/admin`, options));
  }

  /** Opens the page and signs in with the admin key. */
  static async signIn(chat: BrowserChat, options: BrowserContextOptions = {}): Promise<AdminPage> {
    const admin = await AdminPage.visit(chat, options);
    await admin.enterKey(ADMIN_KEY);
    await admin.metric("parked").waitFor();
    return admin;
  }

  async enterKey(key: string): Promise<void> {
    await this.page.locator("#admin-key").fill(key);
    await this.page.locator("button[type=submit]").click();
  }

  get sessions(): Locator {
    return this.page.locator("section", { has: this.page.locator("#sessions-title") });
  }

  /** The row of a live session. */
  session(displayName: string): Locator {
    const name = this.page.getByText(displayName, { exact: true });
    return this.sessions.locator("tbody tr").filter({ has: name });
  }

  /** The names in the list of live sessions. */
  names(): Promise<string[]> {
    return this.sessions.locator("tbody .name").allTextContents();
  }

  /** Chooses the kind of what a form is about, then which one, if there is more than one. */
  async choose(form: string, kind: string, name?: string): Promise<void> {
    await this.field(form).selectOption({ label: kind });
    if (name === undefined) return;
    const section = this.page.locator("form", { has: this.field(form) });
    await section.locator("select + input").fill(name);
  }

  /** The current value of a metric. */
  metric(name: string): Locator {
    return this.page.locator(`[data-metric=${name}] strong`);
  }

  button(name: string): Locator {
    return this.page.getByRole("button", { name, exact: true });
  }

  field(name: string): Locator {
    return this.page.getByLabel(name, { exact: true });
  }
}
