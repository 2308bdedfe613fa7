import type { Ban, BansReply } from "../../server/protocol/moderation_replies.ts";
import type { BanRequest } from "../../server/protocol/requests.ts";
import { type Chat, KEYS } from "./chat.ts";

/** Sends a request about bans, with the key of an administrator. */
export async function asAdmin(chat: Chat, method: string, query: string, body?: BanRequest) {
  return await chat.app.request(`/api/admin/bans${query}`, {
    method,
    headers: { authorization: `Bearer ${KEYS.admin}`, "content-type": "application/json" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

/** Bans somebody. */
export async function ban(chat: Chat, request: BanRequest): Promise<Ban> {
  return await (await asAdmin(chat, "POST", "", request)).json();
}

/** The bans that hold. */
export async function bans(chat: Chat, query = ""): Promise<BansReply> {
  return await (await asAdmin(chat, "GET", query)).json();
}
