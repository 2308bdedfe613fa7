import type { Chat, TestUser } from "./chat.ts";

/** Somebody whose page is an old one. Both requests go out as jQuery sends them. */
export interface OldPage {
  /** The body of the answer to a poll. */
  poll(lastMessageId?: string): Promise<string>;
  say(message: string, sendto?: string): Promise<Response>;
}

/** Opens an old page for somebody who has signed in. */
export function oldPage(chat: Chat, { privateToken }: Pick<TestUser, "privateToken">): OldPage {
  return {
    poll: async (lastMessageId = "1000") =>
      await (await postForm(chat, "/ChatHandler.ashx", { privateToken, lastMessageId })).text(),
    say: (message, sendto = "") =>
      postForm(chat, "/ChatChannelHandler.ashx", { privateToken, sendto, message }),
  };
}

/** Posts a form, as jQuery's `$.ajax` does. */
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
