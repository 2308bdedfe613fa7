import { assert, assertEquals, assertRejects } from "@std/assert";
import { Refused } from "../../server/core/model/refused.ts";
import { FolderStorage } from "../../server/files/folder_storage.ts";
import { streamNames } from "../../server/stores/nats/nats_subjects.ts";
import { storageContract } from "../files/storage_contract.ts";
import { OpenedFiles } from "../files/opened_files.ts";
import { NATS_SERVERS } from "../nodes/nats_cluster.ts";
import { refusalOf } from "../core/hub/erasing.ts";
import { waitUntil } from "../support/wait_until.ts";
import { WallClock } from "../support/wall_clock.ts";
import { administer, NatsServer, natsTest, openNode } from "./nats_server.ts";

const STREAM = streamNames("HALLEY").files;

const KEY = "AAAAAAAAAAAAAAAAAAAAAA-1f0e6a3c-0d5e-4c58-a5d4-5a3c9f2b7e10";

async function openStorage(server: NatsServer) {
  const node = await openNode(server);
  return { storage: await node.openFileStorage(), node };
}

/** How many pieces a stream has. */
async function pieces(server: NatsServer): Promise<number> {
  const info = await administer<{ state: { messages: number } }>(server, `STREAM.INFO.${STREAM}`);
  return info.state.messages;
}

/** Chunks that are longer than a piece; before the third one, `onHalf` is called. */
async function* chunks(onHalf: () => Promise<unknown>): AsyncGenerator<Uint8Array> {
  for (let n = 0; n < 4; n++) {
    if (n === 2) await onHalf();
    yield new Uint8Array(150_000);
  }
}

for (const { name, program, ignore } of NATS_SERVERS) {
  storageContract(name, async () => {
    const server = await NatsServer.run(program);
    const { storage, node } = await openStorage(server);
    return {
      storage,
      async [Symbol.asyncDispose]() {
        await node[Symbol.asyncDispose]();
        await server[Symbol.asyncDispose]();
      },
    };
  }, { ignore });
}

natsTest(
  "[O132] another node reads, sends and deletes the files that one has stored",
  async (server) => {
    await using left = await OpenedFiles.openIn(await openNode(server));
    await using right = await OpenedFiles.openIn(await openNode(server));
    const alice = await left.test.signIn("alice");
    const { id } = await left.upload(alice, "x".repeat(400_000));

    const message = await right.test.send(alice, { channel: "room:tea", files: [id] });
    assertEquals((await right.read(id)).length, 400_000);
    assertEquals((await left.read(id)).length, 400_000);
    assertEquals(await pieces(server), 4);
    await left.test.hub.change(alice, message.id);

    assertEquals(await refusalOf(() => right.read(id)), "not_found");
    assertEquals(await pieces(server), 0);
  },
);

natsTest(
  "[O132] the stream of the files has as many replicas as the others, and is made only for them",
  async (server) => {
    await using node = await openNode(server);
    const names = await administer<{ streams: string[] }>(server, "STREAM.NAMES");
    assertEquals(names.streams.includes(STREAM), false);

    await node.openFileStorage();
    const { config } = await administer<{ config: Record<string, unknown> }>(
      server,
      `STREAM.INFO.${STREAM}`,
    );

    assertEquals(
      [config.num_replicas, config.storage, config.discard, config.max_age],
      [1, "file", "new", 0],
    );
  },
);

natsTest("[O133] over NATS, no piece is read before its reader wants it", async (server) => {
  const { storage, node } = await openStorage(server);
  await using _ = node;
  await storage.put(KEY, chunks(() => Promise.resolve()));
  const reader = storage.read(KEY).getReader();

  assertEquals((await reader.read()).value?.length, 131_072);
  await storage.remove(KEY);

  await assertRejects(() => reader.read(), Error, "There is no piece");
});

natsTest("[O136] two nodes can share a folder in place of the stream", async (server) => {
  await using left = await OpenedFiles.open({}, await openNode(server));
  const storage = FolderStorage.open(left.folder.path);
  await using right = await OpenedFiles.open({ storage }, await openNode(server));
  const alice = await left.test.signIn("alice");
  const { id } = await left.upload(alice, "hello");

  const message = await right.test.send(alice, { channel: "room:tea", files: [id] });
  assertEquals(await right.read(id), "hello");
  await left.test.hub.change(alice, message.id);

  assertEquals(await refusalOf(() => right.read(id)), "not_found");
  assertEquals(left.stored, 0);
});

natsTest(
  "[O134] an upload during which NATS restarts is refused, and what is left of it is removed a day later",
  async (server) => {
    using clock = new WallClock();
    const { storage, node } = await openStorage(server);
    await using _ = node;

    const refused = await assertRejects(
      () => storage.put(KEY, chunks(() => server.kill())),
      Refused,
    );
    assertEquals(refused.refusal, "store_unavailable");
    await server.restart();
    await waitUntil(() => storage.has(KEY).then((has) => !has, () => false), "NATS answers");
    assert(await pieces(server) > 0);
    await storage.put(`${KEY}2`, chunks(() => Promise.resolve()));

    assertEquals((await Array.fromAsync(storage.list())).length, 1);
    clock.offset = 25 * 3_600_000;
    assertEquals((await Array.fromAsync(storage.list())).map(({ key }) => key), [`${KEY}2`]);
    assertEquals(await pieces(server), 5);
  },
);

natsTest(
  "[O134] an upload for which the servers have restarted between two pieces goes on",
  async (server) => {
    const { storage, node } = await openStorage(server);
    await using _ = node;
    const restart = async () => {
      await server.kill();
      await server.restart();
      await waitUntil(() => storage.has(KEY).then(() => true, () => false), "NATS answers");
    };

    await storage.put(KEY, chunks(restart));

    assertEquals((await new Response(storage.read(KEY)).bytes()).length, 600_000);
  },
);

natsTest(
  "[O135] a stream of files that is full refuses others, and keeps those that it has",
  async (server) => {
    const { storage, node } = await openStorage(server);
    await using _ = node;
    await storage.put(KEY, chunks(() => Promise.resolve()));
    const { config } = await administer<{ config: object }>(server, `STREAM.INFO.${STREAM}`);
    await administer(server, `STREAM.UPDATE.${STREAM}`, { ...config, max_bytes: 1_000_000 });

    const full = await assertRejects(() => storage.put(`${KEY}2`, chunks(() => Promise.resolve())));

    assertEquals(full instanceof Refused, false);
    assertEquals((await new Response(storage.read(KEY)).bytes()).length, 600_000);
    await storage.remove(KEY);
    await storage.put(`${KEY}3`, chunks(() => Promise.resolve()));
  },
);

natsTest(
  "[O132] a content is not read or removed by the numbers that a restored stream has given to another one",
  async (server) => {
    const { storage, node } = await openStorage(server);
    await using _ = node;
    await storage.put(KEY, chunks(() => Promise.resolve()));
    await administer(server, `STREAM.PURGE.${STREAM}`);
    const { config } = await administer<{ config: object }>(server, `STREAM.INFO.${STREAM}`);
    await administer(server, `STREAM.DELETE.${STREAM}`);
    await administer(server, `STREAM.CREATE.${STREAM}`, config);
    await storage.put(`${KEY}2`, chunks(() => Promise.resolve()));

    await assertRejects(() => new Response(storage.read(KEY)).bytes());
    await storage.remove(KEY);

    assertEquals((await new Response(storage.read(`${KEY}2`)).bytes()).length, 600_000);
  },
);
