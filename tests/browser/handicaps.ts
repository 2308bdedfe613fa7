import type { Page } from "playwright-core";

/** A browser without Web Locks: to be run in its pages before anything else. */
export function withoutLocks(): void {
  Reflect.deleteProperty(Navigator.prototype, "locks");
}

/** A browser whose pages can share nothing at all. */
export function withoutAnything(): void {
  Reflect.deleteProperty(Navigator.prototype, "locks");
  Reflect.deleteProperty(globalThis, "BroadcastChannel");
  Object.defineProperty(globalThis, "localStorage", {
    get() {
      throw new DOMException("It is forbidden", "SecurityError");
    },
  });
}

/** Ways to keep a page from doing anything. Each resolves to what ends it. */
export const STUN = {
  /** As one that is frozen: by a debugger, since Chromium freezes no page without a window. */
  async halted(page: Page) {
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
