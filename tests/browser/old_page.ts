import type { Page } from "playwright-core";
import { assertSoon } from "./soon.ts";

/** The page of docs/LEGACY.md in one window. */
export class OldPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  async enter(displayName: string): Promise<void> {
    await this.page.locator("#name").fill(displayName);
    await this.page.locator("#enter").click();
    await this.page.getByText("Your public token is").waitFor();
  }

  /** Sends a text to the lobby, or to whoever has that public token. */
  async say(text: string, sendTo = ""): Promise<void> {
    await this.page.locator("#message").fill(text);
    await this.page.locator("#sendto").fill(sendTo);
    await this.page.locator("#send").click();
    await assertSoon(() => this.page.locator("#message").inputValue(), "");
  }

  /** Takes a field of several lines in the place of the one that there is. */
  async widenField(): Promise<void> {
    await this.page.locator("#message").evaluate((field) => {
      const wide = document.createElement("textarea");
      wide.id = field.id;
      field.replaceWith(wide);
    });
  }

  /** Expects that these lines come to stand on the page, and nothing else. */
  async sees(...lines: string[]): Promise<void> {
    await assertSoon(() => this.page.locator("#messages li").allTextContents(), lines);
  }
}
