import { assertEquals, assertStringIncludes } from "@std/assert";
import { SettingReader } from "../../server/base/setting_reader.ts";
import { parseLegacyRequest } from "../../server/http/legacy/legacy_codec.ts";
import { readApiKeys } from "../../server/http/auth/api_keys.ts";
import { answer, Chat, KEYS, SUPPORT } from "../support/chat.ts";
import { JWT, tokenFor } from "../support/tokens.ts";
import { expectRefusal } from "../support/problem.ts";

function publish(chat: Chat, body: unknown, key: string = KEYS.publish): Promise<Response> {
  return Promise.resolve(chat.app.request("/api/publish", {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  }));
}

/** The speakers of the key `shop`, or the errors. */
function speakersIn(list: string) {
  const read = new SettingReader({
    API_KEYS: "shop:publish:key-of-22-characters--,bot:read:key-of-22-characters-2",
    PUBLISH_AS: list,
  });
  const [shop] = readApiKeys(read);
  return read.errors.length > 0 ? read.errors : shop?.speakers;
}

Deno.test("[M32] a back end publishes under a name of its key: the message has it, and no sender", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  const channels = ["room:tea"];
  const { cursor } = await alice.poll({ channels });
  const to = ["room:tea", `session:${alice.publicToken}`];

  assertEquals((await publish(chat, { to, as: "Support", text: "hello" })).status, 201);
  const text = await chat.app.request("/api/channels/room:tea/messages", {
    method: "POST",
    headers: { authorization: `Bearer ${KEYS.publish}`, "x-as": "Support" },
    body: "from a shell",
  });
  assertEquals(text.status, 201);

  const { messages } = await alice.poll({ cursor, channels });
  assertEquals(messages.map(({ as, from, text }) => [as, from, text]), [
    [SUPPORT, undefined, "hello"],
    [SUPPORT, undefined, "hello"],
    [SUPPORT, undefined, "from a shell"],
  ]);
});

Deno.test("[M32] the name is content: with another one, or without, a key is refused", async () => {
  await using chat = await Chat.open();
  const message = { to: "room:tea", text: "hello", key: "k" };

  const named = await publish(chat, { ...message, as: "Support" });
  const again = await publish(chat, { ...message, as: "Support" });

  assertEquals([named.status, again.status], [201, 200]);
  await expectRefusal(publish(chat, message), 409, "key_reused");
});

Deno.test("[M32] a message keeps its name when it is edited", async () => {
  await using chat = await Chat.open();
  await publish(chat, { to: "room:tea", as: "Support", text: "hello" });

  const { as, text } = await chat.test.hub.change(undefined, 1, { text: "hello again" });

  assertEquals([as, text], [SUPPORT, "hello again"]);
});

Deno.test("[M32] another name is refused, and so is any name of another key, or of a person", async () => {
  await using chat = await Chat.open({ jwt: JWT });
  const to = "room:tea";
  const token = await tokenFor({ channels: { admin: ["*"], write: ["*"] } });
  const user = await chat.withToken(token);

  for (const as of ["alice", "support", ""]) {
    await expectRefusal(publish(chat, { to, as, text: "hello" }), 403, "not_allowed");
  }
  for (const key of [KEYS.admin, token]) {
    await expectRefusal(publish(chat, { to, as: "Support", text: "x" }, key), 403, "not_allowed");
  }
  const sent = user.request("POST", "/api/messages", { channel: to, text: "x", as: "Support" });
  await expectRefusal(sent, 422, "invalid_request");
  const mixed = { messages: [{ to, text: "one" }, { to, as: "alice", text: "two" }] };
  await expectRefusal(publish(chat, mixed), 403, "not_allowed");

  const history = await answer(user.request("GET", `/api/channels/${to}/messages`));
  assertEquals(history.body, { messages: [], more: false, mayAdminister: true });
});

Deno.test("[M32] on a legacy page, the name cannot be that of a person", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  const fields = new URLSearchParams({ privateToken: alice.privateToken, lastMessageId: "1000" });
  assertEquals(parseLegacyRequest(new Map(fields))?.kind, "poll");
  await publish(chat, { to: `session:${alice.publicToken}`, as: "Support", text: "hello" });

  const response = await chat.request("GET", `/ChatHandler.ashx?${fields}`);

  assertStringIncludes(await response.text(), "From:Support (System);Message:hello;FromToken:;");
});

Deno.test("[M32] names are set for keys that may publish, with pictures or without", () => {
  const picture = "https://shop.example/a.png";

  assertEquals(speakersIn("none"), undefined);
  assertEquals(speakersIn(`shop:Support, shop:Order bot=${picture}`), [
    { displayName: "Support" },
    { displayName: "Order bot", picture },
  ]);
  for (const list of ["shop", "shop:", "shop:a\u202eb", "shop:a=http://x.example", "shop:a=b"]) {
    assertEquals(speakersIn(list)?.map((error) => String(error).slice(0, 14)), ["PUBLISH_AS is "]);
  }
  for (const key of ["bot", "other"]) {
    assertEquals(speakersIn(`${key}:Support`), [
      `PUBLISH_AS has the name "Support" for "${key}"; API_KEYS has no key of that name with the ` +
      "scope publish",
    ]);
  }
});
