import { assertEquals, assertRejects } from "@std/assert";
import { CometClient, HalleyError, readFile, uploadFile } from "../../client/comet/halley.ts";
import { FileChat } from "../support/test_files.ts";

/** A client of the app, whose first request is lost on the way to the server. */
async function openClient({ chat }: FileChat) {
  const { privateToken } = await chat.signIn("alice");
  const asked: string[] = [];
  const client = new CometClient({
    url: "http://halley.test/",
    privateToken,
    fetch: async (url, init) => {
      asked.push(`${init?.method} ${new URL(url).pathname}`);
      if (asked.length === 1) throw new TypeError("The network has failed");
      return await chat.app.request(url, init);
    },
  });
  return { client, asked };
}

Deno.test("[A56] the library uploads a file until the server answers, sends it, and reads it", async () => {
  await using open = await FileChat.open();
  const { client, asked } = await openClient(open);
  using _ = client;

  const file = await uploadFile(client, new File(["Assam, Darjeeling"], "teas.txt"));
  const { files = [] } = await client.send({ channel: "room:tea", files: [file.id] });
  const content = await readFile(client, files[0]!);

  assertEquals([file.name, file.size, open.stored.length], ["teas.txt", 17, 1]);
  assertEquals(await content.text(), "Assam, Darjeeling");
  assertEquals(asked, [
    "POST /api/files",
    "POST /api/files",
    "POST /api/messages",
    `GET /api/files/${file.id}`,
  ]);
});

Deno.test("[A56] an upload of the library is rejected with the problem of the server, or when its signal aborts", async () => {
  await using open = await FileChat.open({ files: { fileBytes: 10 } });
  const { client } = await openClient(open);
  using _ = client;
  const large = new Blob(["Assam, Darjeeling"]);

  const refused = await assertRejects(() => uploadFile(client, large, { name: "a" }), HalleyError);
  const { signal } = { signal: AbortSignal.abort(new Error("enough")) };

  assertEquals(refused.code, "body_too_large");
  await assertRejects(() => uploadFile(client, large, { signal }), Error, "enough");
});
