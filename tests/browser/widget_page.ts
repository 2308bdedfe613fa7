import type { Locator, Page } from "playwright-core";
import { assertSoon } from "./assert_soon.ts";

/** A page of another site with the widget, as a visitor uses it. */
export class WidgetPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  get widget(): Locator {
    return this.page.locator("halley-widget");
  }

  get launcher(): Locator {
    return this.widget.locator(".launcher");
  }

  get panel(): Locator {
    return this.widget.getByRole("dialog");
  }

  get composer(): Locator {
    return this.panel.locator("textarea");
  }

  get nameField(): Locator {
    return this.panel.getByRole("textbox", { name: "Your name" });
  }

  async enter(name: string): Promise<void> {
    await this.launcher.click();
    await this.enterName(name);
  }

  async enterName(name: string): Promise<void> {
    await this.nameField.fill(name);
    await this.nameField.press("Enter");
    await this.composer.waitFor();
  }

  async say(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.composer.press("Enter");
  }

  texts(): Promise<string[]> {
    return this.panel.locator(".message .text").allTextContents();
  }

  async sees(...texts: string[]): Promise<void> {
    await assertSoon(() => this.texts(), texts);
  }

  /** The tag name and the class of the element that has the focus, in the widget or on the page. */
  focused(): Promise<string> {
    return this.page.evaluate(() => {
      const inside = document.querySelector("halley-widget")?.shadowRoot?.activeElement;
      const { tagName, className } = inside ?? document.activeElement ?? document.body;
      return `${tagName} ${className}`.trim().toLowerCase();
    });
  }
}
