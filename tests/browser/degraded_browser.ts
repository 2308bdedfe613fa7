import type { Page } from "playwright-core";

/** Removes Web Locks. Run it in a page before any other script. */
export function withoutLocks(): void {
  Reflect.deleteProperty(Navigator.prototype, "locks");
}

/** Removes everything that tabs can share. Run it in a page before any other script. */
export function withoutSharing(): void {
  Reflect.deleteProperty(Navigator.prototype, "locks");
  Reflect.deleteProperty(globalThis, "BroadcastChannel");
  Object.defineProperty(globalThis, "localStorage", {
    get() {
      throw new DOMException("Storage is forbidden", "SecurityError");
    },
  });
}

/** Ways to block a page's thread. Each resolves to a function that unblocks it. */
export const BLOCK = {
  /** Like a frozen page; by the debugger, since headless Chromium does not freeze pages. */
  async paused(page: Page) {
    const session = await page.context().newCDPSession(page);
    await session.send("Debugger.enable");
    await session.send("Debugger.pause");
    return () => session.send("Debugger.disable");
  },
  async busy(page: Page) {
    await page.evaluate(() => {
      setTimeout(() => {
        const until = Date.now() + 6_000;
        while (Date.now() < until);
      });
    });
    return () => Promise.resolve();
  },
};
