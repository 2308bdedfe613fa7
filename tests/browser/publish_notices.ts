import { type BrowserChat, PUBLISH_KEY } from "./browser_chat.ts";

/** Publishes notices to everyone or to a recipient, as a back end does. */
export async function publishNotices(
  chat: BrowserChat,
  ...notices: {
    readonly to?: string;
    readonly as?: string;
    readonly title?: string;
    readonly text: string;
  }[]
): Promise<void> {
  const response = await fetch(`${chat.url}/api/publish`, {
    method: "POST",
    headers: { authorization: `Bearer ${PUBLISH_KEY}`, "content-type": "application/json" },
    body: JSON.stringify({ messages: notices.map((notice) => ({ to: "everyone", ...notice })) }),
  });
  const body = await response.text();
  if (!response.ok) throw new Error(`Cannot publish notices: ${body}`);
}
