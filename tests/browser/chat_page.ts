import type { Locator, Page } from "playwright-core";
import { assertSoon } from "./soon.ts";

/** Halley's page in one window, as somebody uses it who sees it or hears it read out. */
export class ChatPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  get nameField(): Locator {
    return this.page.getByRole("textbox", { name: "Your name" });
  }

  get composer(): Locator {
    return this.page.getByRole("textbox", { name: "Message", exact: true });
  }

  /** What was said in the conversation that is looked at. */
  get log(): Locator {
    return this.page.getByRole("log", { name: "Messages" });
  }

  /** How things stand with the server, as one sees it. */
  get badge(): Locator {
    return this.page.locator(".sidebar .connection .shown");
  }

  async signIn(displayName: string): Promise<void> {
    await this.nameField.fill(displayName);
    await this.button("Sign in").click();
    await this.isConnected();
  }

  async isConnected(): Promise<void> {
    await assertSoon(() => this.badge.textContent(), "Connected");
  }

  /** The menu in which one chooses what one likes, and signs out. */
  get settings(): Locator {
    return this.page.locator(".settings");
  }

  async openSettings(): Promise<void> {
    await this.page.locator("button.self").click();
    await this.settings.waitFor();
  }

  async signOut(): Promise<void> {
    await this.openSettings();
    await this.button("Sign out").click();
  }

  button(name: string): Locator {
    return this.page.getByRole("button", { name, exact: true });
  }

  /** Writes a text, whatever is in it, and sends it by Enter. */
  async say(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.composer.press("Enter");
  }

  /** What stands in the conversation that is looked at, oldest first, what was not sent yet among it. */
  texts(): Promise<string[]> {
    return this.log.locator(".text").allTextContents();
  }

  /** Expects that these texts come to stand in the conversation that is looked at, and nothing else. */
  async sees(...texts: string[]): Promise<void> {
    await assertSoon(() => this.texts(), texts);
  }

  /** What stands beside the message with that text: whether it was sent. */
  async delivery(text: string): Promise<string | null> {
    const message = this.log.locator(".message").filter({ hasText: text });
    return await message.locator(".delivery").getAttribute("aria-label");
  }

  /** One conversation in the list of them. */
  conversation(title: string): Locator {
    const list = this.page.getByRole("navigation", { name: "Conversations" });
    return list.getByRole("button").filter({ has: this.page.getByText(title, { exact: true }) });
  }

  /** How many messages of a conversation are unread, as one hears it; nothing if none is. */
  async unread(title: string): Promise<string> {
    const count = this.conversation(title).locator(".unread .visually-hidden");
    return (await count.allTextContents()).join();
  }

  async look(title: string): Promise<void> {
    await this.conversation(title).click();
  }

  /** Opens a direct conversation with somebody who is here. */
  async talkTo(displayName: string): Promise<void> {
    await this.page.getByTitle(`Message ${displayName}`).click();
  }

  async joinRoom(name: string): Promise<void> {
    await this.page.getByRole("textbox", { name: "Room name" }).fill(name);
    await this.button("Join").click();
  }

  /** Who is in the conversation that is looked at. */
  people(): Promise<string[]> {
    const people = this.page.getByRole("region", { name: "People" });
    return people.locator(".name").allTextContents();
  }

  /** The public token of whoever is signed in. */
  publicToken(): Promise<string> {
    return this.page.evaluate(() =>
      JSON.parse(localStorage.getItem("halley.session") ?? "{}").publicToken
    );
  }

  /** Another window of the same browser, opened from this one, so that it begins with a copy of what this one keeps. */
  async secondWindow(): Promise<ChatPage> {
    const opened = this.page.context().waitForEvent("page");
    await this.page.evaluate(() => void open(location.href));
    const second = new ChatPage(await opened);
    await second.isConnected();
    return second;
  }
}
