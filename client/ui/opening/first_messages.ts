import { isHistoryReply } from "../../../server/protocol/guards.ts";
import type { Message } from "../../../server/protocol/message.ts";
import { groupMessages } from "../state/timeline.ts";
import { hueOf, initialOf } from "../views/initials.ts";

/** Matches the frame of the chat in the page's HTML. */
export const FRAME = ".chat.opening";

/** The newest messages of one conversation. */
export interface FirstMessages {
  readonly channel: string;
  /** The public token of the person who is signed in. */
  readonly self: string;
  /** The reply to the request for the newest messages. */
  readonly reply: unknown;
}

/**
 * Shows the texts of the newest messages in the frame of the page, until the page's script has been loaded. What needs more
 * than a text, such as data, events and replies, is left to that script.
 */
export function showFirstMessages({ channel, self, reply }: FirstMessages): void {
  const frame = document.querySelector<HTMLElement>(FRAME);
  const content = frame?.querySelector(".messages-content");
  if (!frame || !content || !isHistoryReply(reply)) return;
  const texts = reply.messages.filter(({ text, deletedAt }) => text !== undefined && !deletedAt)
    .sort((one, other) => one.id - other.id);
  if (texts.length === 0) return;
  frame.dataset.kind = channel.split(":")[0];
  content.classList.remove("skeleton");
  content.replaceChildren(
    ...groupMessages(texts).map(({ messages }) => {
      const group = element("section", "group", ...messages.map(messageElement));
      if (messages[0].from?.publicToken !== self) return group;
      group.dataset.own = "";
      group.querySelector(".sender")?.classList.add("visually-hidden");
      return group;
    }),
  );
  content.parentElement?.scrollTo(0, content.scrollHeight);
}

function messageElement(message: Message, index: number): HTMLElement {
  const { text = "", title = "", from, as, at } = message;
  const name = (from ?? as)?.displayName ?? "";
  const isContinued = index > 0;
  const sender = element("strong", isContinued ? "sender visually-hidden" : "sender", name);
  const header = element("header", "", sender, " ", timeElement(at));
  if (isContinued) header.dataset.continued = "";
  const body = element("div", "body", element("h3", "", title), element("p", "text", text));
  if (!title) body.firstChild?.remove();
  const article = element("article", "message", header, body);
  if (name && !isContinued) article.prepend(avatarElement(from?.publicToken ?? " ", name));
  return article;
}

function avatarElement(publicToken: string, name: string): HTMLElement {
  const avatar = element("span", "avatar", initialOf(name));
  avatar.style.setProperty("--hue", String(hueOf(publicToken)));
  return avatar;
}

function timeElement(at: number): HTMLElement {
  return element("time", "", new Intl.DateTimeFormat(undefined, { timeStyle: "short" }).format(at));
}

function element(name: string, className: string, ...children: (Node | string)[]): HTMLElement {
  const created = document.createElement(name);
  created.className = className;
  created.dir = "auto";
  created.append(...children);
  return created;
}
