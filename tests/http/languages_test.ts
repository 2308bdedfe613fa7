import { assertEquals, assertRejects } from "@std/assert";
import { readAssets } from "../../server/http/assets.ts";
import { StartError } from "../../server/base/start_error.ts";
import { Chat } from "../support/chat.ts";
import { TestFolder } from "../support/test_folder.ts";

const ENGLISH = {
  name: "English",
  sentences: {
    chat: {
      send: "Send",
      unread: { one: "{shown} unread", other: "{shown} unread" },
      typing: { one: "{names} is typing", other: "{names} are typing" },
    },
    page: { composerPlaceholder: "Message {title}" },
    launcher: { open: "Open chat" },
  },
};

const FILES = {
  "index.html": '<!DOCTYPE html>\n<html lang="en"><!-- languages --></html>',
  "built/language-en.json": JSON.stringify(ENGLISH),
};

/** An app with the English sentences and these files of its operator. */
async function openWith(files: Record<string, unknown>): Promise<Chat> {
  using folder = await TestFolder.with(FILES);
  using operator = await TestFolder.with(
    Object.fromEntries(
      Object.entries(files).map(([name, file]) => [
        name,
        typeof file === "string" ? file : JSON.stringify(file),
      ]),
    ),
  );
  const assets = await readAssets(folder.path, { auth: "guest", languages: operator.path });
  return await Chat.open({ assets });
}

async function sentencesOf(chat: Chat, path: string) {
  return await (await chat.request("GET", path)).json();
}

Deno.test("[O100] a file of the operator replaces sentences, and adds a language", async () => {
  await using chat = await openWith({
    "en.json": { sentences: { chat: { send: "Post" } } },
    "nl.json": {
      name: "Nederlands",
      sentences: { chat: { unread: { one: "{shown} nieuw", other: "{shown} nieuwe" } } },
    },
    "notes.txt": "not read",
  });

  const page = await (await chat.request("GET", "/")).text();
  const english = await sentencesOf(chat, "/built/page-en.json");
  const dutch = await sentencesOf(chat, "/built/page-nl.json");
  const widget = await sentencesOf(chat, "/widget-nl.json");

  assertEquals(
    [...page.matchAll(/hreflang="(.*?)" title="(.*?)" href="built\/page-\w+\.[0-9a-f]{8}\.json"/g)]
      .map(([, tag, name]) => [tag, name]),
    [["en", "English"], ["nl", "Nederlands"]],
  );
  assertEquals(english.chat, {
    send: "Post",
    unread: { other: "{shown} unread" },
    typing: ENGLISH.sentences.chat.typing,
  });
  assertEquals(dutch.chat.send, "Send");
  assertEquals(dutch.chat.unread, { one: "{shown} nieuw", other: "{shown} nieuwe" });
  assertEquals(widget.launcher, { open: "Open chat" });
});

Deno.test("[O100] the name of a language is text, whatever it contains", async () => {
  await using chat = await openWith({ "nl.json": { name: `"><script>&` } });

  const page = await (await chat.request("GET", "/")).text();

  assertEquals(page.includes("<script>"), false);
  assertEquals(page.includes(`title="&#34;&#62;&#60;script&#62;&#38;"`), true);
});

const INVALID = [
  ["nl.json", "[]", `nl.json: must be JSON such as {"name": "Nederlands", "sentences": {…}}`],
  [
    "nl.json",
    '{\n "name": "Nederlands",\n}',
    `nl.json: must be JSON such as {"name": "Nederlands", "sentences": {…}}: ` +
    "Expected double-quoted property name in JSON at position 25 (line 3 column 1)",
  ],
  ["nl.json", { sentences: {} }, `nl.json: "name" must be the language’s own name`],
  ["en.json", { texts: {} }, `en.json: "texts" is not a member; allowed: name, sentences`],
  ["en.json", { sentences: [] }, "en.json: sentences: must be an object"],
  ["x_y.json", { name: "X" }, "x_y.json: the name must be a language tag: nl.json or pt-BR.json"],
  [
    "en.json",
    { sentences: { chat: { sned: "x" } } },
    "en.json: chat.sned: there is no such sentence",
  ],
  ["en.json", { sentences: { chat: { send: 1 } } }, "en.json: chat.send: must be a text"],
  [
    "en.json",
    { sentences: { chat: { send: "{" } } },
    "en.json: chat.send: braces are only for placeholders",
  ],
  [
    "en.json",
    { sentences: { page: { composerPlaceholder: "Write {to}" } } },
    "en.json: page.composerPlaceholder: {title} is missing",
    "en.json: page.composerPlaceholder: {to} is not a placeholder here",
  ],
  [
    "ar.json",
    { name: "العربية", sentences: { chat: { unread: { several: "{shown}", other: "{shown}" } } } },
    "ar.json: chat.unread.several: the plural forms of this language are zero, one, two, few, many, other",
  ],
  [
    "zh.json",
    {
      name: "中文",
      sentences: { chat: { unread: "{shown}", typing: { other: "{names}", one: "" } } },
    },
    `zh.json: chat.unread: must be an object with the plural form "other"`,
    "zh.json: chat.typing.one: the plural forms of this language are other",
  ],
] as const;

for (const [name, file, ...errors] of INVALID) {
  Deno.test(`[O101] ${errors[0]}`, async () => {
    const { message } = await assertRejects(() => openWith({ [name]: file }), StartError);

    assertEquals(message.split("\n").slice(1).map((line) => line.trim()), errors);
  });
}

Deno.test("[O141] a file of sentences can begin with a byte order mark", async () => {
  await using chat = await openWith({ "nl.json": `\ufeff{"name": "Nederlands"}` });

  assertEquals((await sentencesOf(chat, "/built/page-nl.json")).chat.send, "Send");
});

Deno.test("[O141] a file of sentences in another encoding than UTF-8 prevents the start", async () => {
  using folder = await TestFolder.with(FILES);
  using operator = TestFolder.make();
  // "Français" in ISO 8859-1.
  const latin1 = Uint8Array.from('{"name": "Fran\xe7ais"}', (letter) => letter.charCodeAt(0));
  await Deno.writeFile(`${operator.path}/fr.json`, latin1);
  const options = { auth: "guest", languages: operator.path } as const;

  const { message } = await assertRejects(() => readAssets(folder.path, options), StartError);

  assertEquals(
    message.split("\n")[1]?.trim(),
    "fr.json: contains bytes that are not UTF-8. Save it as UTF-8",
  );
});

Deno.test("[O101] a folder that cannot be read prevents the start", async () => {
  using folder = await TestFolder.with(FILES);
  const options = { auth: "guest", languages: `${folder.path}/missing` } as const;

  const { message } = await assertRejects(() => readAssets(folder.path, options), StartError);

  assertEquals(message.startsWith(`Cannot read the folder LANGUAGES=${options.languages}: `), true);
});
