import type { Page } from "playwright-core";
import type { Draft } from "../../server/core/message.ts";
import { SqliteStore } from "../../server/stores/sqlite_store.ts";
import type { BrowserChat } from "./browser_chat.ts";
import { KEEP_ALL } from "../support/retention.ts";

/** The server goes away, and comes back with notices in its store: a page that was there gets them by its poll. */
export async function notify(
  chat: BrowserChat,
  ...notices: Omit<Draft, "channel">[]
): Promise<void> {
  await chat.kill();
  {
    await using store = SqliteStore.open(chat.store, KEEP_ALL);
    await store.log.append(notices.map((notice) => ({ channel: "notice", ...notice })));
  }
  await chat.restart();
}

/** Makes believe that nobody sees the page, or somebody does. */
export async function hide(page: Page, hidden = true): Promise<void> {
  await page.evaluate((hidden) => {
    Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);
}
