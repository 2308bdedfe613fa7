import type { Page } from "playwright-core";
import { type BrowserChat, PUBLISHER } from "./browser_chat.ts";

/** Tells everybody these notices, as a back end does. */
export async function notify(
  chat: BrowserChat,
  ...notices: { readonly title?: string; readonly text: string }[]
): Promise<void> {
  const response = await fetch(`${chat.url}/api/publish`, {
    method: "POST",
    headers: { authorization: `Bearer ${PUBLISHER}`, "content-type": "application/json" },
    body: JSON.stringify({ messages: notices.map((notice) => ({ to: "everyone", ...notice })) }),
  });
  const answer = await response.text();
  if (!response.ok) throw new Error(answer);
}

/** Makes believe that nobody sees the page, or somebody does. */
export async function hide(page: Page, hidden = true): Promise<void> {
  await page.evaluate((hidden) => {
    Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);
}
