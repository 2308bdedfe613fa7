import { assertEquals } from "@std/assert";
import { guardUrl } from "../../server/http/url_encoding.ts";
import { Chat, KEYS } from "../support/chat.ts";
import { expectRefusal } from "../support/problem.ts";

const CONNECTION: Deno.ServeHandlerInfo = {
  remoteAddr: { transport: "tcp", hostname: "127.0.0.1", port: 1 },
  completed: Promise.resolve(),
};

async function ask(chat: Chat, method: string, path: string): Promise<Response> {
  const answer = guardUrl(chat.app.fetch, () => {});
  const headers = { authorization: `Bearer ${KEYS.admin}` };
  return await answer(new Request(`http://127.0.0.1${path}`, { method, headers }), CONNECTION);
}

for (
  const [method, path, shown] of [
    ["GET", "/api/channels/room:%F6/messages", "%F6"],
    ["POST", "/api/channels/room:tea%C3/messages", "%C3"],
    ["GET", "/api/channels/room:tea/presence?x=%e4%f6", "%e4%f6"],
    ["PUT", "/api/conversations/room:%B2%E8", "%B2%E8"],
    ["DELETE", "/api/sessions/%FF", "%FF"],
    ["GET", "/api/admin/sessions?search=Gr%F6%DFe", "%F6%DF"],
    ["GET", "/ChatHandler.ashx?lastMessageId=1000&privateToken=%F6", "%F6"],
    ["GET", "/?%F6", "%F6"],
    ["GET", "/live%ED%A0%80", "%ED%A0%80"],
    ["GET", "/metrics?title=%C0%AE", "%C0%AE"],
  ] as const
) {
  Deno.test(`[A9] ${method} ${path}, whose bytes are not UTF-8, is refused`, async () => {
    await using chat = await Chat.open();

    const { detail } = await expectRefusal(ask(chat, method, path), 422, "invalid_request");

    assertEquals(
      detail,
      `The URL contains ${shown}, which is not UTF-8: encode text as encodeURIComponent does`,
    );
  });
}

Deno.test("[A9] a URL with escaped UTF-8 is answered", async () => {
  await using chat = await Chat.open();

  const paths = ["/api/channels/room%3a%E8%8C%B6/messages", "/api/admin/sessions?search=100%"];
  for (const path of paths) assertEquals((await ask(chat, "GET", path)).status, 200);
});
