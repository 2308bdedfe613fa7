import type { Page } from "playwright-core";

/** Lets a page believe that it is hidden or shown: headless Chromium never hides one. */
export async function hidePage(page: Page, isHidden = true): Promise<void> {
  await page.evaluate((hidden) => {
    Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, isHidden);
}
