import { assertEquals } from "@std/assert";
import { guestRightsOf } from "../../server/http/auth/auth_settings.ts";
import { Chat } from "../support/chat.ts";
import { expectRefusal } from "../support/problem.ts";
import { JWT } from "../support/tokens.ts";

const GUESTS = {
  read: ["room:tea", "room:news"],
  write: ["room:tea"],
  direct: false,
  reservedNames: [],
};

async function access(chat: Chat, channel: string) {
  const { read, write } = await (await ask(chat, channel)).json();
  return { read, write };
}

function ask(chat: Chat, channel: string): Promise<Response> {
  return chat.request("GET", `/api/channels/${encodeURIComponent(channel)}/guest-access`);
}

Deno.test("[Q33] without a token, the server says what a guest could do in a channel", async () => {
  await using chat = await Chat.open({ guestRights: guestRightsOf(GUESTS) });

  assertEquals(await access(chat, "room:tea"), { read: true, write: true });
  assertEquals(await access(chat, "room:news"), { read: true, write: false });
  assertEquals(await access(chat, "room:team"), { read: false, write: false });
  assertEquals(await access(chat, "notice"), { read: true, write: false });
  await expectRefusal(await ask(chat, "room:no room"), 422, "invalid_request");
  await expectRefusal(await ask(chat, "tea"), 422, "invalid_request");
});

Deno.test("[Q33] where nobody signs in with a name, guests can do nothing", async () => {
  await using chat = await Chat.open({ jwt: JWT });

  assertEquals(await access(chat, "room:tea"), { read: false, write: false });
});
