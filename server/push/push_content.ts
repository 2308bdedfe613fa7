import type { Message } from "../protocol/message.ts";
import { textOf } from "./push_key.ts";
import type { Push } from "./push_request.ts";

/** For how long in s a push service keeps a push for a device that is away. */
const TTL = 24 * 3_600;

/** Maximum number of characters of a text and of a title: a push has about 4 kB. */
const LENGTH = { text: 200, title: 100 } as const;

/** The push of a message to a device of somebody. */
export async function pushOf(
  message: Message,
  { publicToken, hasContents }: { readonly publicToken: string; readonly hasContents: boolean },
): Promise<Push> {
  const { channel } = message;
  const name = new TextEncoder().encode(`${publicToken} ${channel}`);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", name));
  const urgency = channel.startsWith("notice") ? "normal" : "high";
  const content = contentOf(message, hasContents);
  return { content, topic: textOf(digest.slice(0, 18)), ttl: TTL, urgency };
}

/** What a device gets, as JSON. */
function contentOf(message: Message, hasContents: boolean): unknown {
  const { id, channel, at, from, as, title, files } = message;
  const text = message.text ?? files?.map(({ name }) => `📎 ${name}`).join(", ");
  const head = { type: "message", channel, id, at };
  if (!hasContents) return head;
  const name = (from ?? as)?.displayName;
  return {
    ...head,
    ...(name !== undefined && { from: name }),
    ...(title !== undefined && { title: shortened(title, LENGTH.title) }),
    ...(text !== undefined && { text: shortened(text, LENGTH.text) }),
  };
}

function shortened(text: string, length: number): string {
  const characters = [...text];
  return characters.length > length ? `${characters.slice(0, length).join("")}…` : text;
}
