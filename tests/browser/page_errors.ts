import type { BrowserContext, Page } from "playwright-core";

/**
 * Errors that a test expects. The browser itself logs an error for each request that fails or is refused.
 *
 * `network`: the server is down; `cors`: a page of another origin has asked for a file that the server does not have;
 * `refusal`: any status 4xx; `failure`: any status 5xx; `frame`: a page that must not be framed; `unauthorized`: status 401,
 * since a session has ended. The page logs what the server has said; `widget`: what the widget or the page says to the
 * developer of the application; `blob`: a page whose policy allows no pictures of files.
 */
export type ExpectedError =
  | "network"
  | "cors"
  | "refusal"
  | "failure"
  | "frame"
  | "unauthorized"
  | "widget"
  | "blob";

const PATTERNS: Readonly<Record<ExpectedError, RegExp>> = {
  network: /net::ERR_/,
  cors: /blocked by CORS policy/,
  frame: /frame-ancestors|^Refused to display|^Framing /,
  failure: /responded with a status of 5\d\d|^Halley: \w+: /,
  refusal: /responded with a status of 4\d\d|^Halley: \w+: /,
  unauthorized: /responded with a status of 401|^Halley: \w+: /,
  widget: /^Halley: /,
  blob: /^violation: img-src blob$|'blob:\S+' violates .*Content Security Policy/,
};

/** What Playwright says where it keeps a page from having a worker: see `BrowserChat.openPage`. */
const BLOCKED = "Service Worker registration blocked by Playwright";

/** Collects what a page must never do: violate its Content-Security-Policy, log or throw an error, or open a dialog. */
export class PageErrors {
  readonly all: string[] = [];
  readonly #expected = new Set<ExpectedError>();

  /** Ignores these errors from now on. */
  expect(error: ExpectedError): void {
    this.#expected.add(error);
  }

  /** Watches all pages of a context. */
  async watch(context: BrowserContext): Promise<void> {
    context.on("page", (page) => this.#watchPage(page));
    await context.exposeBinding("reportViolation", (_source, violation: string) => {
      const text = `violation: ${violation}`;
      if (!this.#isExpected(text)) this.all.push(text);
    });
    await context.addInitScript(() => {
      // Scripts in hostile texts would increment it.
      Reflect.set(globalThis, "executed", 0);
      addEventListener("securitypolicyviolation", (event) => {
        Reflect.get(globalThis, "reportViolation")(
          `${event.violatedDirective} ${event.blockedURI}`,
        );
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
      const isError = ["error", "warning"].includes(message.type());
      if (isError && !this.#isExpected(message.text())) {
        this.all.push(`console: ${message.text()}`);
      }
    });
  }

  #isExpected(text: string): boolean {
    return text === BLOCKED || [...this.#expected].some((error) => PATTERNS[error].test(text));
  }
}
