import { assert, assertEquals } from "@std/assert";
import { Chat, KEYS } from "../support/chat.ts";
import { bytes, jpeg, latin1, png } from "../support/picture_bytes.ts";
import { openLimits } from "../support/limits.ts";
import { expectRefusal } from "../support/problem.ts";
import { FileChat, upload, uploaded } from "../support/test_files.ts";

const HTML = "<!doctype html><script>alert(1)</script>";
const SVG = `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`;

for (
  const [name, content, type] of [
    ["attack.html", HTML, "application/octet-stream"],
    ["attack.svg", SVG, "application/octet-stream"],
    ["attack.png", HTML, "application/octet-stream"],
    ["attack.xhtml", `<?xml version="1.0"?>${SVG}`, "application/octet-stream"],
    ["attack.js", "alert(1)", "application/octet-stream"],
    ["attack.pdf", "%PDF-1.7", "application/pdf"],
  ] as const
) {
  Deno.test(`[A49] ${name} is a download, whatever it is declared as`, async () => {
    await using open = await FileChat.open();
    const alice = await open.chat.signIn("alice");
    const declared = { "content-type": "image/svg+xml" };
    const uploading = alice.post(`/api/files?name=${name}`, content, declared);
    const { id } = await (await uploading).json();

    const { status, headers } = await alice.request("GET", `/api/files/${id}`);

    assertEquals([status, headers.get("content-type")], [200, type]);
    const disposition = `attachment; filename="${name}"; filename*=UTF-8''${name}`;
    assertEquals(headers.get("content-disposition"), disposition);
    assertEquals(headers.get("x-content-type-options"), "nosniff");
    assertEquals(headers.get("content-security-policy"), "sandbox; default-src 'none'");
  });
}

Deno.test("[A49] a picture that is also a script and an archive is only a picture", async () => {
  await using open = await FileChat.open();
  const alice = await open.chat.signIn("alice");
  const polyglot = bytes(latin1(jpeg()) + `PK\x03\x04${HTML}`);
  const { id } = await uploaded(alice, polyglot, { name: "tea.jpg" });

  const response = await alice.request("GET", `/api/files/${id}`);

  assertEquals(response.headers.get("content-type"), "image/jpeg");
  assertEquals(response.headers.get("cache-control"), "private, max-age=3600, immutable");
  assertEquals(response.headers.get("vary"), "origin, authorization, x-halley-token");
  const body = latin1(await response.bytes());
  assertEquals([body.includes("<script>"), body.includes("PK")], [false, false]);
});

Deno.test("[A50] only those read a file who may read its message at that moment", async () => {
  await using open = await FileChat.open();
  const [alice, bob] = [await open.chat.signIn("alice"), await open.chat.signIn("bob")];
  const carol = await open.chat.signIn("carol");
  const file = await uploaded(alice, "for bob");
  const path = `/api/files/${file.id}`;
  const statuses = async () =>
    await Promise.all(
      [alice, bob, carol].map(async (user) => (await user.request("GET", path)).status),
    );
  assertEquals(await statuses(), [200, 404, 404]);

  await alice.send({ channel: `direct:${bob.publicToken}`, files: [file.id] });

  assertEquals(await statuses(), [200, 200, 404]);
  assertEquals(await (await bob.request("GET", path)).text(), "for bob");
  await expectRefusal(open.chat.request("GET", path), 401, "not_signed_in");
  const withKey = (key: string) =>
    open.chat.app.request(path, { headers: { authorization: `Bearer ${key}` } });
  await expectRefusal(withKey(KEYS.read), 404, "not_found");
  await expectRefusal(withKey(KEYS.publish), 403, "not_allowed");
  assertEquals((await withKey(KEYS.admin)).status, 200);
});

Deno.test("[A51] a part of a file is answered with 206, one beyond its end with 416", async () => {
  await using open = await FileChat.open();
  const alice = await open.chat.signIn("alice");
  const { id } = await uploaded(alice, "0123456789");
  const get = async (headers: Record<string, string>) => {
    const response = await open.chat.app.request(`/api/files/${id}`, {
      headers: { authorization: `Bearer ${alice.privateToken}`, ...headers },
    });
    return [response.status, response.headers.get("content-range"), await response.text()];
  };

  assertEquals(await get({ range: "bytes=2-4" }), [206, "bytes 2-4/10", "234"]);
  assertEquals(await get({ range: "bytes=8-" }), [206, "bytes 8-9/10", "89"]);
  assertEquals(await get({ range: "bytes=-3" }), [206, "bytes 7-9/10", "789"]);
  assertEquals(await get({ range: "bytes=5-99" }), [206, "bytes 5-9/10", "56789"]);
  assertEquals(await get({ range: "bytes=10-" }), [416, "bytes */10", ""]);
  for (const range of ["bytes=4-2", "bytes=0-1,4-5", "lines=1-2", "bytes=-"]) {
    assertEquals(await get({ range }), [200, null, "0123456789"]);
  }
  assertEquals(await get({ "if-none-match": `"${id}"` }), [304, null, ""]);
});

Deno.test("[A52] a thumbnail is a small picture of a file that no message has yet", async () => {
  await using open = await FileChat.open();
  const [alice, bob] = [await open.chat.signIn("alice"), await open.chat.signIn("bob")];
  const picture = await uploaded(alice, jpeg());
  const text = await uploaded(alice, "hello");
  const path = `/api/files/${picture.id}/thumbnail`;
  await expectRefusal(alice.request("GET", path), 404, "not_found");

  await expectRefusal(bob.put(path, png()), 404, "unknown_file");
  await expectRefusal(alice.put(`/api/files/${text.id}/thumbnail`, png()), 404, "unknown_file");
  await expectRefusal(alice.put(path, bytes(SVG)), 422, "invalid_file");
  await expectRefusal(alice.put(path, png({ width: 1_025 })), 422, "invalid_file");
  await expectRefusal(alice.put(path, new Uint8Array(200_001)), 413, "body_too_large");
  assertEquals((await alice.put(path, png({ width: 8, height: 6 }))).status, 204);
  assertEquals((await alice.put(path, png({ width: 4, height: 3 }))).status, 204);

  const message = await (await alice.send({ channel: "room:tea", files: [picture.id] })).json();
  assertEquals(message.files, [{ ...picture, thumbnail: true }]);
  const response = await bob.request("GET", path);
  assertEquals(response.headers.get("content-type"), "image/png");
  assertEquals((await response.bytes())[19], 8);
  const late = await uploaded(alice, jpeg());
  await alice.send({ channel: "room:tea", files: [late.id] });
  const latePath = `/api/files/${late.id}/thumbnail`;
  await expectRefusal(alice.put(latePath, png()), 404, "unknown_file");
  assertEquals(open.stored.length, 4);
});

Deno.test("[A53] a server that stores no files refuses them as files_unavailable", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");

  await expectRefusal(upload(alice, "hello"), 422, "files_unavailable");
  const sending = alice.send({ channel: "room:tea", text: "a", files: ["a".repeat(22)] });
  await expectRefusal(sending, 422, "files_unavailable");
  const path = `/api/files/${"a".repeat(22)}`;
  await expectRefusal(alice.request("GET", path), 404, "not_found");
});

Deno.test("[A54] a legacy page gets the files of a message without text as data", async () => {
  await using open = await FileChat.open();
  const [alice, bob] = [await open.chat.signIn("alice"), await open.chat.signIn("bob")];
  const file = await uploaded(alice, "hello");
  await alice.send({ channel: "room:lobby", files: [file.id] });
  await alice.send({
    channel: "room:lobby",
    text: "text",
    files: [(await uploaded(alice, "b")).id],
  });
  const poll = async (lastMessageId: string) => {
    const body = new URLSearchParams({ privateToken: bob.privateToken, lastMessageId });
    return await (await open.chat.app.request("/ChatHandler.ashx", { method: "POST", body }))
      .text();
  };

  const first = await poll("1000");
  const second = await poll("1000000001");

  assert(first.includes('Message:{"files"\\u003a[{"id"'), first);
  assert(second.includes("Message:text;"), second);
});

Deno.test("[Y54] the number of uploads per session and per address is limited, apart from other requests", async () => {
  const { limits } = openLimits({ UPLOADS_PER_SESSION: "2/1000s", CALLS_PER_SESSION: "9/1000s" });
  await using open = await FileChat.open({ limits });
  const [alice, bob] = [await open.chat.signIn("alice"), await open.chat.signIn("bob")];
  await uploaded(alice, "one");
  await uploaded(alice, "two");

  const refused = await upload(alice, "three");

  assertEquals(refused.headers.get("ratelimit-policy"), '"uploads-per-session";q=2;w=1000');
  await expectRefusal(refused, 429, "too_many_requests");
  await uploaded(bob, "one");
  assertEquals((await alice.request("GET", "/api/session")).status, 200);
});
