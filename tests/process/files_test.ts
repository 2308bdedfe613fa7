import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";
import type { SignedIn } from "../../server/protocol/replies.ts";
import { connectTo, metricOf, readStatus, residentMegabytes, write } from "./raw_connection.ts";
import { RemoteChat } from "../support/remote_chat.ts";
import { runToEnd, ServerProcess } from "../support/server_process.ts";
import { SmallDisk } from "../support/small_disk.ts";
import { waitUntil } from "../support/wait_until.ts";

const MEGABYTE = 1_000_000;

const FOLDER = "data/halley.db.files";

async function signIn({ url }: ServerProcess): Promise<SignedIn> {
  using chat = new RemoteChat(url);
  const { privateToken, publicToken, displayName, settings } = await chat.signIn("alice");
  return { privateToken, publicToken, displayName, settings };
}

function upload(
  { url }: ServerProcess,
  { privateToken }: SignedIn,
  body: BodyInit,
): Promise<Response> {
  const headers = { authorization: `Bearer ${privateToken}` };
  return fetch(`${url}/api/files?name=a`, { method: "POST", headers, body });
}

async function uploaded(...args: Parameters<typeof upload>): Promise<string> {
  const response = await upload(...args);
  const { id, detail } = await response.json();
  if (!response.ok) throw new Error(detail);
  return id;
}

async function send(server: ServerProcess, user: SignedIn, id: string): Promise<void> {
  using chat = new RemoteChat(server.url);
  const response = await chat.user(user).send({ channel: "room:tea", files: [id] });
  assertEquals(response.status, 201, await response.text());
}

async function textOf({ url }: ServerProcess, { privateToken }: SignedIn, id: string) {
  const headers = { authorization: `Bearer ${privateToken}` };
  return await (await fetch(`${url}/api/files/${id}`, { headers })).text();
}

function namesIn(...path: string[]): string[] {
  return [...Deno.readDirSync(join(...path))].map(({ name }) => name);
}

/** A body of zeros. */
function zeros(megabytes: number): ReadableStream<Uint8Array<ArrayBuffer>> {
  const chunk = new Uint8Array(MEGABYTE);
  let sent = 0;
  return new ReadableStream({
    pull(controller) {
      if (sent++ < megabytes) controller.enqueue(chunk);
      else controller.close();
    },
  });
}

Deno.test("[O110] files are in a folder beside the database, which only its owner can use", async () => {
  await using server = await ServerProcess.start();
  const alice = await signIn(server);
  assertEquals(alice.settings.fileBytes, 26_214_400);

  await uploaded(server, alice, "hello");

  const folder = join(server.folder, FOLDER);
  const [name = ""] = namesIn(folder);
  assertEquals((Deno.statSync(folder).mode ?? 0) & 0o777, 0o700);
  assertEquals((Deno.statSync(join(folder, name)).mode ?? 0) & 0o777, 0o600);
});

for (const settings of [{ FILES: "off" }, { STORE: "memory" }]) {
  Deno.test(`[O110] with ${JSON.stringify(settings)}, no files are stored`, async () => {
    await using server = await ServerProcess.start({ settings });
    const alice = await signIn(server);

    const response = await upload(server, alice, "hello");

    assertEquals([response.status, (await response.json()).code], [422, "files_unavailable"]);
    assertEquals(alice.settings.fileBytes, undefined);
    assertEquals(namesIn(server.folder).some((name) => name.includes("files")), false);
  });
}

Deno.test("[O110] with WORKERS, each of them has the files of all", async () => {
  await using server = await ServerProcess.start({ settings: { WORKERS: "2" } });
  const alice = await signIn(server);
  const ids = await Promise.all([1, 2, 3, 4].map((n) => uploaded(server, alice, `file ${n}`)));

  for (const [n, id] of ids.entries()) {
    await send(server, alice, id);
    assertEquals(await textOf(server, alice, id), `file ${n + 1}`);
  }
});

Deno.test("[O113] a backup has the files of its messages, and a restore brings them back", async () => {
  await using first = await ServerProcess.start();
  const { folder } = first;
  const alice = await signIn(first);
  const kept = await uploaded(first, alice, "kept");
  await send(first, alice, kept);
  const made = await runToEnd({ folder, args: ["backup", "backup.db"] });
  const later = await uploaded(first, alice, "later");
  await send(first, alice, later);
  assertEquals([made.code, made.stderr], [0, ""]);
  assertEquals(namesIn(folder, "backup.db.files").length, 1);
  await Deno.mkdir(join(folder, "other.db.files"));
  const other = await runToEnd({ folder, args: ["backup", "other.db"] });
  assertMatch(other.stderr, /other.db.files" already exists/);
  first.kill("SIGKILL");
  await first.ended();
  await Deno.remove(join(folder, FOLDER), { recursive: true });

  const restored = await runToEnd({ folder, args: ["restore", "backup.db"] });
  await using second = await ServerProcess.start({ folder });

  assertEquals([restored.code, restored.stderr], [0, ""]);
  assertEquals(await textOf(second, alice, kept), "kept");
  assertEquals(JSON.parse(await textOf(second, alice, later)).code, "not_found");
});

Deno.test("[O113] a restore keeps the files of the store that it replaces", async () => {
  await using first = await ServerProcess.start();
  const { folder } = first;
  const alice = await signIn(first);
  const kept = await uploaded(first, alice, "kept");
  await send(first, alice, kept);
  await runToEnd({ folder, args: ["backup", "backup.db"] });
  await send(first, alice, await uploaded(first, alice, "later"));
  first.kill("SIGKILL");
  await first.ended();

  await runToEnd({ folder, args: ["restore", "backup.db"] });

  assertEquals(namesIn(folder, `${FOLDER}.replaced`).length, 2);
  await using second = await ServerProcess.start({ folder });
  assertEquals(await textOf(second, alice, kept), "kept");
});

Deno.test("[O116] while the disk is full, files are refused as files_full, and nothing of them stays", async () => {
  using disk = SmallDisk.mount(2_048);
  if (disk === undefined) return console.error("!!! A full disk was NOT tested");
  const settings = { FILES: disk.path };
  await using server = await ServerProcess.start({ settings });
  const alice = await signIn(server);

  const response = await upload(server, alice, new Uint8Array(3 * MEGABYTE));

  assertEquals([response.status, (await response.json()).code], [507, "files_full"]);
  await server.line(/"event":"file_not_stored","reason":"No space left on device/);
  assertEquals(namesIn(disk.path), []);
  assertEquals((await uploaded(server, alice, "hello")).length, 22);
});

Deno.test("[Y53] an upload of 2 GB is refused before it is sent", async () => {
  await using server = await ServerProcess.start();
  const { privateToken } = await signIn(server);
  using socket = await connectTo(server.url);

  await write(
    socket,
    `POST /api/files?name=film HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2147483648\r\n` +
      `authorization: Bearer ${privateToken}\r\n\r\n`,
  );

  assertEquals(await readStatus(socket), 413);
});

Deno.test("[Y53] an upload without a length is refused as soon as it is too long", async () => {
  await using server = await ServerProcess.start({ settings: { FILE_BYTES: "2000000" } });
  const alice = await signIn(server);

  const response = await upload(server, alice, zeros(3)).catch(() => undefined);

  // The connection can be closed before the client has read why.
  if (response !== undefined) assertEquals(response.status, 413);
  await response?.body?.cancel();
  await waitUntil(() => namesIn(server.folder, FOLDER).length === 0, "nothing is left");
});

Deno.test("[Y53] an upload takes little memory, whatever its size, and so does a download", async () => {
  const settings = { FILE_BYTES: String(400 * MEGABYTE), FILE_QUOTA: String(1_000 * MEGABYTE) };
  await using server = await ServerProcess.start({ settings });
  const alice = await signIn(server);
  await uploaded(server, alice, new Uint8Array(20 * MEGABYTE));
  const before = await residentMegabytes(server.url);

  const id = await uploaded(server, alice, new Uint8Array(300 * MEGABYTE));
  const afterUpload = await residentMegabytes(server.url);
  const headers = { authorization: `Bearer ${alice.privateToken}` };
  const response = await fetch(`${server.url}/api/files/${id}`, { headers });
  let bytes = 0;
  for await (const chunk of response.body ?? []) bytes += chunk.length;
  const afterDownload = await residentMegabytes(server.url);

  assertEquals(bytes, 300 * MEGABYTE);
  for (const after of [afterUpload, afterDownload]) {
    assert(after - before < 150, `${before} MB before, ${after} MB after`);
  }
});

Deno.test("[Y53] an upload whose client leaves leaves nothing", async () => {
  await using server = await ServerProcess.start();
  const { privateToken } = await signIn(server);
  const folder = join(server.folder, FOLDER);
  {
    using socket = await connectTo(server.url);
    await write(
      socket,
      `POST /api/files?name=film HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2000000\r\n` +
        `authorization: Bearer ${privateToken}\r\n\r\n${"x".repeat(200_000)}`,
    );
    await waitUntil(() => namesIn(folder).length === 1, "the upload has begun");
  }

  await waitUntil(() => namesIn(folder).length === 0, "nothing is left");
  assertEquals(await metricOf(server.url, "halley_store_up"), 1);
});
