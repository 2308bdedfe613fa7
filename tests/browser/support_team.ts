import type { BrowserContextOptions } from "playwright-core";
import { tokenFor } from "../support/tokens.ts";
import { type Application, withApplication } from "./application.ts";
import type { BrowserChat } from "./browser_chat.ts";
import { ChatPage } from "./chat_page.ts";

/** The rights of the team in the rooms of visitors. */
const TEAM = { read: ["*"], write: ["*"], patterns: ["room:support-*"] };

/** A server whose visitors have rooms of their own, and an application with a team that answers there. */
export interface Support {
  readonly chat: BrowserChat;
  /** Opens the page of a member of the team. */
  signIn(name: string, options?: BrowserContextOptions): Promise<ChatPage>;
  /** Opens the page of someone with other rights. */
  visit(name: string, channels: object): Promise<ChatPage>;
  /** Signs a visitor in, who uses the API. */
  visitor(name: string): Promise<Visitor>;
}

/** Someone who visits the site, without a page. */
export interface Visitor {
  readonly name: string;
  readonly room: string;
  say(text: string): Promise<void>;
  /** Reads the room for a while. */
  read(): Promise<void>;
  /** The messages in their room, oldest first. */
  messages(): Promise<readonly string[]>;
}

/** Runs a test with a server, an application and its team. */
export function withSupport(
  test: (support: Support) => Promise<void>,
  settings: Readonly<Record<string, string>> = {},
): () => Promise<void> {
  return withApplication(
    ({ origin }) => ({
      TOKEN_URL: `${origin}/chat-token`,
      VISITOR_ROOMS: "support-*",
      GUEST_READ: "none",
      GUEST_WRITE: "none",
      ...settings,
    }),
    (chat, application) => test(supportOf(chat, application)),
  );
}

function supportOf(chat: BrowserChat, application: Application): Support {
  const open = async (name: string, channels: object, options?: BrowserContextOptions) => {
    application.answer = { text: await tokenFor({ sub: name, name, channels }) };
    const page = await chat.openPage(`${application.origin}/login`, options);
    await page.goto(chat.url);
    const opened = new ChatPage(page);
    await page.locator(".chat").waitFor();
    return opened;
  };
  return {
    chat,
    signIn: (name, options) => open(name, TEAM, options),
    visit: (name, channels) => open(name, channels),
    async visitor(name) {
      const token = await tokenFor({ sub: `visitor ${name}`, name });
      const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
      const session = await (await fetch(`${chat.url}/api/session`, { headers })).json();
      const room = `room:support-${session.publicToken}`;
      const path = `${chat.url}/api/channels/${room}/messages?limit=100`;
      return {
        name,
        room,
        async say(text) {
          const body = JSON.stringify({ channel: room, text });
          const init = { method: "POST", headers, body };
          const response = await fetch(`${chat.url}/api/messages`, init);
          await response.body?.cancel();
          if (!response.ok) throw new Error(`${name} cannot send: ${response.status}`);
        },
        async read() {
          const body = JSON.stringify({ channels: [room], hold: 0 });
          const response = await fetch(`${chat.url}/api/poll`, { method: "POST", headers, body });
          await response.body?.cancel();
        },
        async messages() {
          const { messages } = await (await fetch(path, { headers })).json();
          return messages.map(({ text, event }: { text?: string; event?: string }) => event ?? text)
            .reverse();
        },
      };
    },
  };
}
