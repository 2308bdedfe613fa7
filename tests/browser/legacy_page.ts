import type { Page } from "playwright-core";
import { assertSoon } from "./assert_soon.ts";

/** The page of docs/LEGACY.md in one window. */
export class LegacyPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  async enter(displayName: string): Promise<void> {
    await this.page.locator("#name").fill(displayName);
    await this.page.locator("#enter").click();
    await this.page.getByText("Your public token is").waitFor();
  }

  /** Sends a text to the lobby, or to the user with this public token. */
  async say(text: string, sendTo = ""): Promise<void> {
    await this.page.locator("#message").fill(text);
    await this.page.locator("#sendto").fill(sendTo);
    await this.page.locator("#send").click();
    await assertSoon(() => this.page.locator("#message").inputValue(), "");
  }

  /** Replaces the text field by one with several lines. */
  async useTextarea(): Promise<void> {
    await this.page.locator("#message").evaluate((field) => {
      const textarea = document.createElement("textarea");
      textarea.id = field.id;
      field.replaceWith(textarea);
    });
  }

  /** Waits until the page shows these lines, and nothing else. */
  async sees(...lines: string[]): Promise<void> {
    await assertSoon(() => this.page.locator("#messages li").allTextContents(), lines);
  }
}
