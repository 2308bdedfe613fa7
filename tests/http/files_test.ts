import { assert, assertEquals } from "@std/assert";
import { answer } from "../support/chat.ts";
import { jpeg, png } from "../support/picture_bytes.ts";
import { expectRefusal } from "../support/problem.ts";
import { FileChat, upload, uploaded } from "../support/test_files.ts";

Deno.test("[A40] a message has the files that its sender has uploaded, as the server has found them", async () => {
  await using open = await FileChat.open();
  const alice = await open.chat.signIn("alice");
  const picture = await uploaded(alice, jpeg(), { name: "C:\\photos\\tea.jpg" });
  const text = await uploaded(alice, "hello", { name: "notes.txt" });

  const { status, body } = await answer(
    alice.request("POST", "/api/messages", {
      channel: "room:tea",
      text: "look",
      files: [text.id, picture.id],
    }),
  );

  assertEquals(picture.name, "tea.jpg");
  assertEquals([picture.type, picture.width, picture.height], ["image/jpeg", 40, 30]);
  assertEquals([text.type, text.size], ["application/octet-stream", 5]);
  assertEquals(status, 201);
  assertEquals(Object(body).files, [text, picture]);
  const { messages: [read] } = await (
    await alice.request("GET", "/api/channels/room:tea/messages")
  ).json();
  assertEquals([read.text, read.files], ["look", [text, picture]]);
});

Deno.test("[A40] a message with files needs no text", async () => {
  await using open = await FileChat.open();
  const alice = await open.chat.signIn("alice");
  const { id } = await uploaded(alice, "hello");

  const message = await (await alice.send({ channel: "room:tea", files: [id] })).json();

  assertEquals(Object.keys(message), ["id", "channel", "from", "files", "at"]);
});

for (
  const [reason, files] of [
    ["no files", []],
    ["more than 10 files", Array(11).fill("a".repeat(22))],
    ["what is not an id", ["../../etc/passwd"]],
    ["facts in place of ids", [{ id: "a".repeat(22), name: "a", type: "text/html", size: 1 }]],
  ] as const
) {
  Deno.test(`[A40] ${reason} in "files" is refused with 422`, async () => {
    await using open = await FileChat.open();
    const alice = await open.chat.signIn("alice");

    const sending = alice.request("POST", "/api/messages", {
      channel: "room:tea",
      text: "a",
      files,
    });

    await expectRefusal(sending, 422, "invalid_request");
  });
}

Deno.test("[A41] a file that is unknown, of somebody else or of another message is refused", async () => {
  await using open = await FileChat.open();
  const [alice, bob] = [await open.chat.signIn("alice"), await open.chat.signIn("bob")];
  const ofBob = await uploaded(bob, "bob's");
  const used = await uploaded(alice, "used");
  const free = await uploaded(alice, "free");
  await alice.send({ channel: "room:tea", files: [used.id] });

  for (const id of ["a".repeat(22), ofBob.id, used.id]) {
    const sending = alice.send({ channel: "room:tea", text: "no", files: [free.id, id] });
    await expectRefusal(sending, 404, "unknown_file");
  }

  assertEquals((await alice.send({ channel: "room:tea", files: [free.id] })).status, 201);
  const { messages } = await (await alice.request("GET", "/api/channels/room:tea/messages")).json();
  assertEquals(messages.length, 2);
});

Deno.test("[A42] a message with files that is sent again with its key is the stored one", async () => {
  await using open = await FileChat.open();
  const alice = await open.chat.signIn("alice");
  const [one, other] = [await uploaded(alice, "one"), await uploaded(alice, "other")];
  const message = { channel: "room:tea", files: [one.id], key: "k" };

  const first = await answer(alice.send(message));
  const again = await answer(alice.send(message));

  assertEquals([first.status, again.status], [201, 200]);
  assertEquals(again.body, first.body);
  const different = alice.send({ ...message, files: [other.id] });
  await expectRefusal(different, 409, "key_reused");
  // The refused message does not keep the file.
  assertEquals((await alice.send({ channel: "room:tea", files: [other.id] })).status, 201);
});

Deno.test("[A42] it is so also when the message was deleted meanwhile", async () => {
  await using open = await FileChat.open();
  const alice = await open.chat.signIn("alice");
  const { id } = await uploaded(alice, "one");
  const message = { channel: "room:tea", files: [id], key: "k" };
  const sent = await (await alice.send(message)).json();
  await alice.request("DELETE", `/api/messages/${sent.id}`);

  const again = await answer(alice.send(message));

  assertEquals([again.status, Object(again.body).id], [200, sent.id]);
  assertEquals(Object(again.body).files, undefined);
});

Deno.test("[A43] an edit keeps the files of a message", async () => {
  await using open = await FileChat.open();
  const alice = await open.chat.signIn("alice");
  const file = await uploaded(alice, "one");
  const { id } = await (await alice.send({ channel: "room:tea", files: [file.id] })).json();

  const edited = await answer(alice.request("PATCH", `/api/messages/${id}`, { text: "a text" }));

  assertEquals([Object(edited.body).text, Object(edited.body).files], ["a text", [file]]);
  assertEquals((await alice.request("GET", `/api/files/${file.id}`)).status, 200);
});

Deno.test("[A43] a deletion removes the files of a message and their thumbnails", async () => {
  await using open = await FileChat.open();
  const [alice, bob] = [await open.chat.signIn("alice"), await open.chat.signIn("bob")];
  const file = await uploaded(alice, jpeg());
  await alice.put(`/api/files/${file.id}/thumbnail`, png());
  const { id } = await (await alice.send({ channel: "room:tea", files: [file.id] })).json();
  assertEquals(open.stored.length, 2);

  await alice.request("DELETE", `/api/messages/${id}`);

  for (const user of [alice, bob]) {
    await expectRefusal(user.request("GET", `/api/files/${file.id}`), 404, "not_found");
  }
  assertEquals(open.stored, []);
});

Deno.test("[A44] an upload with a key counts once", async () => {
  await using open = await FileChat.open();
  const [alice, bob] = [await open.chat.signIn("alice"), await open.chat.signIn("bob")];

  const first = await answer(upload(alice, "one", { key: "k" }));
  const again = await answer(upload(alice, "one", { key: "k" }));
  const [left, right] = await Promise.all([1, 2].map(() => uploaded(alice, "two", { key: "l" })));
  const ofBob = await uploaded(bob, "one", { key: "k" });

  assertEquals([first.status, again.status], [201, 200]);
  assertEquals(again.body, first.body);
  assertEquals(left, right);
  assert(ofBob.id !== Object(first.body).id);
  assertEquals(open.stored.length, 3);
});
