import type { BrowserContext, Page } from "playwright-core";

/** What a page should never do: break its own Content-Security-Policy, write an error, throw one, or open a dialog. */
export class Faults {
  readonly all: string[] = [];
  /** The browser itself writes an error for each request that does not reach the server, as it does for each refusal. */
  isServerAway = false;
  areRefusalsExpected = false;
  /** What is on its way when a session ends is refused: 401. */
  isSessionOver = false;

  /** Watches all pages of a context. */
  async watch(context: BrowserContext): Promise<void> {
    context.on("page", (page) => this.#watchPage(page));
    await context.exposeBinding("noteViolation", (_source, violation: string) => {
      this.all.push(`violation: ${violation}`);
    });
    await context.addInitScript(() => {
      Reflect.set(globalThis, "executed", 0);
      addEventListener("securitypolicyviolation", (event) => {
        Reflect.get(globalThis, "noteViolation")(`${event.violatedDirective} ${event.blockedURI}`);
      });
    });
  }

  #watchPage(page: Page): void {
    page.on("pageerror", (error) => this.all.push(`error: ${error.message}`));
    page.on("dialog", async (dialog) => {
      this.all.push(`dialog: ${dialog.message()}`);
      await dialog.dismiss();
    });
    page.on("console", (message) => {
      const isBad = ["error", "warning"].includes(message.type());
      if (isBad && !this.#isExpected(message.text())) this.all.push(`console: ${message.text()}`);
    });
  }

  #isExpected(text: string): boolean {
    if (this.isServerAway && /net::ERR_/.test(text)) return true;
    if (this.isSessionOver && /responded with a status of 401/.test(text)) return true;
    return this.areRefusalsExpected && /responded with a status of 4\d\d/.test(text);
  }
}
