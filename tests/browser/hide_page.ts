import type { Page } from "playwright-core";

/** Lets a page believe that it is hidden or shown: headless Chromium never hides one. */
export async function hidePage(page: Page, isHidden = true): Promise<void> {
  await page.evaluate((hidden) => {
    Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, isHidden);
}

/** Lets a page believe that its window loses or gets the focus: in headless Chromium every page has it. */
export async function blurPage(page: Page, isBlurred = true): Promise<void> {
  await page.evaluate((blurred) => {
    Object.defineProperty(document, "hasFocus", { value: () => !blurred, configurable: true });
    dispatchEvent(new Event(blurred ? "blur" : "focus"));
  }, isBlurred);
}
