import type { Chat, TestUser } from "./chat.ts";

/** The legacy page of a user. It makes its requests as jQuery does. */
export interface LegacyPage {
  /** Polls and returns the body of the response. */
  poll(lastMessageId?: string): Promise<string>;
  say(message: string, sendto?: string): Promise<Response>;
}

export function legacyPage(
  chat: Chat,
  { privateToken }: Pick<TestUser, "privateToken">,
): LegacyPage {
  return {
    poll: async (lastMessageId = "1000") =>
      await (await postForm(chat, "/ChatHandler.ashx", { privateToken, lastMessageId })).text(),
    say: (message, sendto = "") =>
      postForm(chat, "/ChatChannelHandler.ashx", { privateToken, sendto, message }),
  };
}

/** Posts a form like jQuery's `$.ajax`. */
export async function postForm(
  chat: Chat,
  path: string,
  fields: Record<string, string>,
): Promise<Response> {
  return await chat.app.request(path, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded; charset=UTF-8" },
    body: new URLSearchParams(fields).toString(),
  });
}

/** A reply as a legacy page sees it: an object of strings. */
export type LegacyReply = Record<string, string>;

/**
 * Reads a reply as a legacy page does: it splits the text at `;` and each part at `:`, and evaluates each value inside
 * single quotes.
 */
export function parseLegacyReply(text: string): LegacyReply {
  const reply: LegacyReply = {};
  for (const part of text.split(";")) {
    const pair = part.split(":");
    if (pair.length < 2) continue;
    // Not `reply[pair[0]]`: legacy pages evaluate the key, too.
    new Function("reply", `reply.${pair[0]}='${pair[1]}'`)(reply);
  }
  return reply;
}
