import type { BrowserContextOptions } from "playwright-core";
import type { SendRequest } from "../../server/protocol/requests.ts";
import { type Claims, tokenFor } from "../support/tokens.ts";
import { type Application, withApplication } from "./application.ts";
import type { BrowserChat } from "./browser_chat.ts";
import { ChatPage } from "./chat_page.ts";
import { WidgetPage } from "./widget_page.ts";

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
  /** Signs a member of the team in, who uses the API. */
  member(name: string): Promise<Visitor>;
  /** Opens a page of the site whose widget has the room of a visitor with this name. */
  shop(name: string, options?: ShopOptions): Promise<WidgetPage>;
}

export interface ShopOptions extends BrowserContextOptions {
  /** Attributes of the script's tag. */
  readonly attributes?: string;
  /** `data-room`. */
  readonly room?: string;
  readonly dir?: "ltr" | "rtl";
}

/** Someone who uses the API, and has a room of their own. */
export interface Visitor {
  readonly name: string;
  readonly room: string;
  say(text: string): Promise<void>;
  /** Sends to any room. */
  send(message: SendRequest): Promise<void>;
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
      ALLOWED_ORIGINS: origin,
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
    visitor: (name) => signInByApi(chat, { sub: `visitor ${name}`, name }),
    member: (name) => signInByApi(chat, { sub: name, name, channels: TEAM }),
    async shop(
      name,
      { attributes = "", dir = "ltr", room = "support-{visitor}", ...options } = {},
    ) {
      const token = await tokenFor({ sub: `visitor ${name}`, name });
      const path = `/shop/${encodeURIComponent(name)}`;
      application.pages.set(
        path,
        `<html lang="en" dir="${dir}">
          <meta name="viewport" content="width=device-width">
          <title>Telescopes</title>
          <main><h1>Telescopes</h1><button>Buy</button></main>
          <script src="${chat.url}/widget.js" data-room="${room}" ${attributes}></script>
          <script>
            customElements.whenDefined("halley-widget").then(() =>
              document.querySelector("halley-widget").useTokens(async () => "${token}")
            );
          </script>`,
      );
      return new WidgetPage(await chat.openPage(application.origin + path, options));
    },
  };
}

/** Signs somebody in who uses the API. */
async function signInByApi({ url }: BrowserChat, claims: Claims): Promise<Visitor> {
  const token = await tokenFor(claims);
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const { publicToken, displayName: name } = await (await fetch(`${url}/api/session`, { headers }))
    .json();
  const room = `room:support-${publicToken}`;
  const post = async (path: string, request: object) => {
    const init = { method: "POST", headers, body: JSON.stringify(request) };
    const response = await fetch(`${url}/api/${path}`, init);
    await response.body?.cancel();
    if (!response.ok) throw new Error(`${name} cannot ${path}: ${response.status}`);
  };
  return {
    name,
    room,
    say: (text) => post("messages", { channel: room, text }),
    send: (message) => post("messages", message),
    read: () => post("poll", { channels: [room], hold: 0 }),
    async messages() {
      const path = `${url}/api/channels/${room}/messages?limit=100`;
      const { messages } = await (await fetch(path, { headers })).json();
      return messages.map(({ text, event }: { text?: string; event?: string }) => event ?? text)
        .reverse();
    },
  };
}
