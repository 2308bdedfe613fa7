import { assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import { StartError } from "../../server/base/start_error.ts";
import { readAssets } from "../../server/http/assets.ts";
import type { PageShell } from "../../server/http/page_shell.ts";
import { Chat } from "../support/chat.ts";
import { TestFolder } from "../support/test_folder.ts";

const FILES = {
  "index.html": `<!DOCTYPE html>
<html lang="en">
<!-- languages -->
<link rel="icon" href="icon.svg">
<link rel="stylesheet" href="style.css">
<script src="built/app.js"></script>`,
  "style.css": "body { color: navy }",
  "icon.svg": "<svg/>",
  "unused.css": "p { color: teal }",
  "built/app.js": "console.log('app')",
  "built/halley.js": "export const halley = 1",
  "built/language-en.json": `{"name":"English","sentences":{"chat":{"send":"Send"}}}`,
  "built/service-worker.js": "self.isRunning = true;",
};

async function openPage(files: Record<string, string> = FILES): Promise<Chat> {
  using folder = await TestFolder.with(files);
  return await Chat.open({ assets: await readAssets(folder.path) });
}

/** The script of the worker, and what the server has written into it. */
async function workerOf(chat: Chat): Promise<{ readonly shell: PageShell; readonly rest: string }> {
  const text = await (await chat.request("GET", "/service-worker.js")).text();
  const [, shell = "", rest = ""] = /^self\.halleyShell=(.*);\n([^]*)$/.exec(text) ?? [];
  return { shell: JSON.parse(shell), rest };
}

Deno.test("[V20] the worker is beside the page, may be revalidated only, and speaks to nobody else", async () => {
  await using chat = await openPage();

  const { status, headers } = await chat.request("GET", "/service-worker.js");

  assertEquals([status, headers.get("content-type")], [200, "text/javascript; charset=utf-8"]);
  assertEquals(headers.get("cache-control"), "no-cache");
  assertEquals(
    headers.get("content-security-policy"),
    "default-src 'none'; connect-src 'self'",
  );
  assertEquals((await chat.request("GET", "/built/service-worker.js")).status, 404);
});

Deno.test("[V20] the worker has the version of the page and the names of the files that it refers to", async () => {
  await using chat = await openPage();

  const { shell, rest } = await workerOf(chat);
  const page = await (await chat.request("GET", "/")).text();

  const names = (paths: readonly string[]) => paths.map((path) => path.replace(/\.\w{8}\./, "."));
  assertEquals(rest, "self.isRunning = true;");
  assertMatch(page, new RegExp(`^<!DOCTYPE html>\n<html [^>]*data-version="${shell.version}"`));
  assertEquals(names(shell.needed), ["style.css", "built/app.js"]);
  assertEquals(names(shell.others).sort(), ["built/page-en.json", "icon.svg"]);
  for (const path of [...shell.needed, ...shell.others]) {
    assertEquals([path, page.includes(`"${path}"`)], [path, true]);
    assertEquals((await chat.request("GET", `/${path}`)).status, 200);
  }
});

Deno.test("[V20] the version changes with every file of the page, with its settings, and with nothing else", async () => {
  await using chat = await openPage();
  const { version } = (await workerOf(chat)).shell;
  const versionWith = async (files: Record<string, string>) => {
    await using other = await openPage({ ...FILES, ...files });
    return (await workerOf(other)).shell.version;
  };

  assertEquals(await versionWith({}), version);
  assertEquals(await versionWith({ "unused.css": "", "built/halley.js": "" }), version);
  assertNotEquals(await versionWith({ "style.css": "" }), version);
  const sentences = FILES["built/language-en.json"].replace("Send", "Go");
  assertNotEquals(await versionWith({ "built/language-en.json": sentences }), version);
  using folder = await TestFolder.with(FILES);
  await using users = await Chat.open({ assets: await readAssets(folder.path, { auth: "jwt" }) });
  assertNotEquals((await workerOf(users)).shell.version, version);
});

Deno.test("[O4] pages that were not built are reported, with what to do", async () => {
  using folder = await TestFolder.with({
    "index.html": '<script src="built/boot.js" data-inline></script>',
  });

  const { message } = await assertRejects(() => readAssets(folder.path), StartError);

  assertEquals(message.startsWith('The pages are not built: run "deno task build"'), true);
});
