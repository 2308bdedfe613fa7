import { assertEquals } from "@std/assert";
import { type Chat, KEYS } from "../support/chat.ts";
import { expectRefusal } from "../support/problem.ts";
import { FileChat, uploaded } from "../support/test_files.ts";

/** A request with an API key; a body that is not text is sent as JSON. */
async function request(
  { app }: Chat,
  key: keyof typeof KEYS,
  [method, path]: readonly [string, string],
  body: unknown,
): Promise<Response> {
  return await app.request(path, {
    method,
    headers: { authorization: `Bearer ${KEYS[key]}`, "content-type": "application/json" },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

const UPLOAD = ["POST", "/api/files?name=invoice.pdf"] as const;
const PUBLISH = ["POST", "/api/publish"] as const;

async function invoice(chat: Chat): Promise<string> {
  const response = await request(chat, "publish", UPLOAD, "%PDF-1.7");
  assertEquals(response.status, 201);
  return (await response.json()).id;
}

Deno.test("[A55] a back end publishes a file to one person, who alone reads it", async () => {
  await using open = await FileChat.open();
  const [alice, bob] = [await open.chat.signIn("alice"), await open.chat.signIn("bob")];
  const { cursor } = await alice.poll();
  const id = await invoice(open.chat);
  const publication = {
    to: `session:${alice.publicToken}`,
    title: "Your invoice",
    files: [id],
    key: "k",
  };

  const first = await request(open.chat, "publish", PUBLISH, publication);
  const again = await request(open.chat, "publish", PUBLISH, publication);

  assertEquals([first.status, again.status], [201, 200]);
  const [notice] = (await alice.poll({ cursor })).messages;
  assertEquals([notice?.title, notice?.files?.[0]?.name], ["Your invoice", "invoice.pdf"]);
  assertEquals(await (await alice.request("GET", `/api/files/${id}`)).text(), "%PDF-1.7");
  await expectRefusal(bob.request("GET", `/api/files/${id}`), 404, "not_found");
});

Deno.test("[A55] a file is for one recipient, and of the key that has uploaded it", async () => {
  await using open = await FileChat.open();
  const { chat } = open;
  const alice = await chat.signIn("alice");
  const id = await invoice(chat);
  const { id: other } = await uploaded(alice, "hello");

  const two = request(chat, "publish", PUBLISH, { to: ["room:tea", "room:milk"], files: [id] });
  await expectRefusal(two, 422, "invalid_request");
  const foreign = {
    messages: [{ to: "room:tea", files: [id] }, { to: "room:tea", files: [other] }],
  };
  await expectRefusal(request(chat, "publish", PUBLISH, foreign), 404, "unknown_file");
  const asAlice = alice.send({ channel: "room:tea", files: [id] });
  await expectRefusal(asAlice, 404, "unknown_file");

  assertEquals(await chat.test.store.log.newestId(), 0);
  const sent = await request(chat, "publish", PUBLISH, { to: "room:tea", files: [id] });
  assertEquals(sent.status, 201);
});

Deno.test("[A55] only a key with the scope publish uploads, without the quota of a session", async () => {
  await using open = await FileChat.open({ files: { ownerBytes: 10 } });

  const reading = request(open.chat, "read", UPLOAD, "%PDF-1.7");
  await expectRefusal(reading, 403, "not_allowed");
  for (let n = 0; n < 3; n++) await invoice(open.chat);

  assertEquals(open.stored.length, 3);
});
