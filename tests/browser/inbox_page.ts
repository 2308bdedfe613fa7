import type { Locator } from "playwright-core";
import type { ChatPage } from "./chat_page.ts";
import type { Support } from "./support_team.ts";

/** The part of a member's page with the rooms of the visitors. */
export function inboxOf({ page }: ChatPage): Locator {
  return page.getByRole("region", { name: "Inbox: support" });
}

/** The room of a visitor in the inbox. */
export function roomOf(member: ChatPage, name: string): Locator {
  const title = member.page.getByText(name, { exact: true });
  return inboxOf(member).locator(".conversation-item").filter({ has: title });
}

/** The names of the visitors whose conversations are open, in the order of the list. */
export function openRooms(member: ChatPage): Promise<string[]> {
  return inboxOf(member).locator(":scope > ul .title > :first-child").allTextContents();
}

/** Who answers in the selected conversation. */
export function stateOf({ page }: ChatPage): Promise<string | null> {
  return page.getByRole("group", { name: "Who answers" }).getByRole("status").textContent();
}

/** Visitors who wait. */
export async function fill({ visitor }: Support): Promise<void> {
  for (const name of ["Mia", "Ben", "Olga"]) await (await visitor(name)).say(`hello from ${name}`);
}
