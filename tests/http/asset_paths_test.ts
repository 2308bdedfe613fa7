import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { readAssets } from "../../server/http/assets.ts";
import { Chat } from "../support/chat.ts";
import { TestFolder } from "../support/test_folder.ts";
import { expectRefusal } from "../support/problem.ts";
import { RawServer } from "../support/raw_server.ts";

const SECRET = "must not be served";

/** An app that serves `static/`, next to a secret file. */
async function openPage() {
  const folder = await TestFolder.with({
    "secret.txt": SECRET,
    "static/index.html": "<!DOCTYPE html><title>Halley</title>",
    "static/built/app.js": "console.log('app')",
  });
  const chat = await Chat.open({ assets: await readAssets(join(folder.path, "static")) });
  return { folder, chat };
}

/** Paths that could lead out of the folder, or to files in it that are not served. */
const PATHS = [
  "/../secret.txt",
  "/built/../../secret.txt",
  "/..%2fsecret.txt",
  "/..%2Fsecret.txt",
  "/%2e%2e/secret.txt",
  "/%2e%2e%2fsecret.txt",
  "/.%2e/secret.txt",
  "/%252e%252e%252fsecret.txt",
  "/..\\secret.txt",
  "/..%5csecret.txt",
  "/built/..%5c..%5csecret.txt",
  "/%c0%ae%c0%ae/secret.txt",
  "/....//secret.txt",
  "/./../secret.txt",
  "//secret.txt",
  "/static/../secret.txt",
  "/built/app.js%00.txt",
  "/built/app.js/../../../secret.txt",
  "/built",
  "/built/",
  "/index.html",
  "/secret.txt",
  "/etc/passwd",
  "/file:///etc/passwd",
];

for (const path of PATHS) {
  Deno.test(`[V4] ${path} is not found, through the app or a socket`, async () => {
    const { folder, chat } = await openPage();
    using _folder = folder;
    await using _chat = chat;
    await using server = RawServer.open((request) => chat.app.fetch(request));

    await expectRefusal(chat.app.request(`http://halley.test${path}`), 404, "not_found");
    const raw = await server.send([`GET ${path} HTTP/1.1`, "host: halley.test"]);

    assertEquals([raw.status === 404 || raw.status === 400, raw.text.includes(SECRET)], [
      true,
      false,
    ]);
    assertEquals(chat.internalErrors, []);
  });
}

Deno.test("[V4] a file in the folder is served, through the app and a socket", async () => {
  const { folder, chat } = await openPage();
  using _folder = folder;
  await using _chat = chat;
  await using server = RawServer.open((request) => chat.app.fetch(request));

  const response = await chat.request("GET", "/built/app.js");
  const raw = await server.send(["GET /built/app.js HTTP/1.1", "host: halley.test"]);

  assertEquals(await response.text(), "console.log('app')");
  assertEquals([raw.status, raw.text.endsWith("\r\n\r\nconsole.log('app')")], [200, true]);
});

Deno.test("[V4] a file that is added to the folder later is not served", async () => {
  const { folder, chat } = await openPage();
  using _folder = folder;
  await using _chat = chat;
  await Deno.writeTextFile(join(folder.path, "static", "late.txt"), "late");

  await expectRefusal(chat.request("GET", "/late.txt"), 404, "not_found");
});

Deno.test("[V4] a file is only served to GET and HEAD", async () => {
  const { folder, chat } = await openPage();
  using _folder = folder;
  await using _chat = chat;

  const head = await chat.request("HEAD", "/built/app.js");
  const put = await chat.app.request("/built/app.js", { method: "PUT", body: "alert(1)" });

  assertEquals([head.status, await head.text()], [200, ""]);
  assertEquals(put.headers.get("allow"), "GET, HEAD");
  await expectRefusal(put, 405, "method_not_allowed");
});
