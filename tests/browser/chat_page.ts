import type { Locator, Page } from "playwright-core";
import { assertSoon } from "./assert_soon.ts";
import { PROBLEM_MEDIA_TYPE, PROBLEM_TYPE } from "../../server/protocol/refusal.ts";

/** How the server refuses a message, for `route.fulfill`. */
export const REFUSAL = {
  status: 403,
  contentType: PROBLEM_MEDIA_TYPE,
  body: JSON.stringify({
    type: `${PROBLEM_TYPE}not_allowed`,
    title: "Not allowed",
    status: 403,
    detail: "You do not have the right to write here",
    code: "not_allowed",
  }),
} as const;

/** Halley's page in one window. Finds elements as users do: by their roles, labels and texts. */
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

  /** The messages of the selected conversation. */
  get log(): Locator {
    return this.page.getByRole("log", { name: "Messages" });
  }

  /** The visible state of the connection. */
  get badge(): Locator {
    return this.page.locator(".connection .shown");
  }

  async signIn(displayName: string): Promise<void> {
    await this.nameField.fill(displayName);
    await this.button("Sign in").click();
    await this.isConnected();
  }

  async isConnected(): Promise<void> {
    await assertSoon(() => this.badge.textContent(), "Connected");
  }

  /** Lets the page try again at once, as when the browser is online again. */
  async reconnect(): Promise<void> {
    await this.page.evaluate(() => void dispatchEvent(new Event("online")));
  }

  /** The settings menu. */
  get settings(): Locator {
    return this.page.locator(".settings");
  }

  async openSettings(): Promise<void> {
    await this.page.locator("button.self").click();
    await this.settings.waitFor();
  }

  /** Chooses a language by its tag in the settings, which are open. */
  async chooseLanguage(tag: string): Promise<void> {
    await this.settings.locator(".language-switch").selectOption(tag);
  }

  /** The dialog that is open. */
  get dialog(): Locator {
    return this.page.getByRole("dialog").and(this.page.locator("dialog"));
  }

  /** Signs out, and confirms it. */
  async signOut(): Promise<void> {
    await this.openSettings();
    await this.button("Sign out").click();
    await this.dialog.getByRole("button", { name: "Sign out" }).click();
  }

  button(name: string): Locator {
    return this.page.getByRole("button", { name, exact: true });
  }

  /** Writes a text into the composer and sends it, on touch screens too. */
  async say(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.composer.press("Control+Enter");
  }

  /** The texts in the selected conversation, oldest first, unsent ones included. */
  texts(): Promise<string[]> {
    return this.log.locator(".text").allTextContents();
  }

  /** Waits until the selected conversation shows these texts, and nothing else. */
  async sees(...texts: string[]): Promise<void> {
    await assertSoon(() => this.texts(), texts);
  }

  /** The delivery status of the message with this text. */
  async delivery(text: string): Promise<string | null> {
    const message = this.log.locator(".message").filter({ hasText: text });
    return await message.locator(".delivery").getAttribute("aria-label");
  }

  /** An item in the list of conversations. */
  conversation(title: string): Locator {
    const list = this.page.getByRole("navigation", { name: "Conversations" });
    return list.getByRole("button").filter({ has: this.page.getByText(title, { exact: true }) });
  }

  /** The unread count of a conversation for screen readers; empty if there are no unread messages. */
  async unread(title: string): Promise<string> {
    const count = this.conversation(title).locator(".unread .visually-hidden");
    return (await count.allTextContents()).join();
  }

  /** Selects a conversation in the list. */
  async select(title: string): Promise<void> {
    await this.conversation(title).click();
  }

  /** Opens a direct conversation with a person of the selected room. */
  async openDirect(displayName: string): Promise<void> {
    await this.page.getByTitle(`Message ${displayName}`).click();
  }

  async joinRoom(name: string): Promise<void> {
    await this.page.getByRole("textbox", { name: "Room name" }).fill(name);
    await this.button("Join").click();
  }

  /** Opens the options of the selected conversation. */
  async openOptions(): Promise<void> {
    await this.button("Options of this conversation").click();
  }

  /** Leaves the selected room. */
  async leave(): Promise<void> {
    await this.openOptions();
    await this.button("Leave").click();
  }

  /** The names of the people in the selected conversation. */
  people(): Promise<string[]> {
    const people = this.page.getByRole("region", { name: "People" });
    return people.locator(".name").allTextContents();
  }

  /** The public token of the signed-in user. */
  publicToken(): Promise<string> {
    return this.page.evaluate(() =>
      JSON.parse(localStorage.getItem("halley.session") ?? "{}").publicToken
    );
  }

  /** Opens another window from this one, so that it starts with a copy of this window's `sessionStorage`. */
  async secondWindow(): Promise<ChatPage> {
    const opened = this.page.context().waitForEvent("page");
    await this.page.evaluate(() => void open(location.href));
    const second = new ChatPage(await opened);
    await second.isConnected();
    return second;
  }
}
