import { assert, assertEquals, assertRejects } from "@std/assert";
import { delay } from "../../server/base/delay.ts";
import type { Draft } from "../../server/core/model/message.ts";
import type { Appended } from "../../server/core/model/store.ts";
import { Refused } from "../../server/core/model/refused.ts";
import { JetStream } from "../../server/stores/nats/nats_jetstream.ts";
import type { StreamInfo } from "../../server/stores/nats/nats_stream_info.ts";
import { NatsClient } from "../../server/stores/nats/nats_client.ts";
import { parseNatsStore } from "../../server/stores/nats/nats_settings.ts";
import { NatsStore } from "../../server/stores/nats/nats_store.ts";
import { NatsCluster, NEWEST_NATS_SERVER } from "../nodes/nats_cluster.ts";
import { captureErrors } from "../support/capture_errors.ts";
import { KEEP_ALL } from "../support/retention.ts";
import { waitUntil } from "../support/wait_until.ts";
import { CuttingProxy } from "./cutting_proxy.ts";
import {
  administer,
  type NatsServer,
  natsTest,
  newestNatsTest,
  openNode,
  tea,
} from "./nats_server.ts";

function drafts(count: number, text: string): readonly Draft[] {
  return Array.from({ length: count }, (_, n) => tea(`${n} ${text}`));
}

/** Whether the stream of the log stores batches. */
async function hasBatches(server: NatsServer): Promise<boolean | undefined> {
  const { config } = await administer<StreamInfo>(server, "STREAM.INFO.HALLEY");
  return config.allow_atomic;
}

natsTest("[F45] a server without batches is used without them", async (server) => {
  await using store = await openNode(server);

  const appended = await store.log.append(drafts(3, ""));

  assertEquals(appended.map(({ message }) => message.id), [1, 2, 3]);
});

newestNatsTest(
  "[F45] a new log stores batches, and an existing one after the next start",
  async (server) => {
    await (await openNode(server))[Symbol.asyncDispose]();
    const { config } = await administer<StreamInfo>(server, "STREAM.INFO.HALLEY");
    await administer(server, "STREAM.UPDATE.HALLEY", { ...config, allow_atomic: false });
    const before = await hasBatches(server);

    await using _ = await openNode(server);

    assertEquals([config.allow_atomic, before, await hasBatches(server)], [true, undefined, true]);
  },
);

newestNatsTest(
  "[F45] drafts are still appended after an administrator has disabled batches",
  async (server) => {
    await using store = await openNode(server);
    const { config } = await administer<StreamInfo>(server, "STREAM.INFO.HALLEY");
    await administer(server, "STREAM.UPDATE.HALLEY", { ...config, allow_atomic: false });

    const appended = await store.log.append([tea("one", "k"), tea("two")]);

    assertEquals(appended.map(({ message, repeated }) => [message.id, repeated]), [
      [1, false],
      [2, false],
    ]);
  },
);

newestNatsTest(
  "[F45] a node that ends while it sends several drafts has stored all of them or none",
  async (server) => {
    using _ = ignoreLateWrites();
    await using observer = await openNode(server);
    const bytes = await bytesOfAppend(server);
    const before = await observer.log.newestId();

    for (const part of [0.03, 0.5, 0.97]) {
      using proxy = new CuttingProxy(server.port);
      await using store = await openNode(server, { connection: { servers: [proxy.address] } });
      proxy.cutAfter(Math.floor(part * bytes));

      await assertRejects(() => store.log.append(drafts(20, "cut off")), Refused);

      assertEquals(await observer.log.newestId(), before, `after ${part} of ${bytes} bytes`);
    }
    await observer.log.append(drafts(20, "complete"));
    assertEquals(await observer.log.newestId(), before + 20);
  },
);

/** How much one append of 20 drafts sends. */
async function bytesOfAppend(server: NatsServer): Promise<number> {
  using proxy = new CuttingProxy(server.port);
  await using store = await openNode(server, { connection: { servers: [proxy.address] } });
  const { sent } = proxy;
  await store.log.append(drafts(20, "measured"));
  return proxy.sent - sent;
}

newestNatsTest(
  "[F45] a server that is killed during an append has stored all drafts or none",
  async (server) => {
    using _ = ignoreLateWrites();
    const text = "x".repeat(1_000);
    for (const wait of [0, 4, 8, 16]) {
      await using store = await openNode(server);
      const before = await store.log.newestId();
      const appending = store.log.append(drafts(400, `${wait} ${text}`));
      await delay(wait);
      await server.kill();
      // The node gives up: it must not complete the append after the restart.
      const isAppended = await appending.then(() => true, () => false);
      await server.restart();

      await using reopened = await openNode(server);

      const stored = await reopened.log.newestId() - before;
      assert(stored === 400 || stored === 0 && !isAppended, `${stored} of 400 after ${wait} ms`);
    }
  },
);

/** A store of a node that uses a cluster. */
function openAt(cluster: NatsCluster): Promise<NatsStore> {
  const { connection } = parseNatsStore(cluster.store)!;
  return NatsStore.open({ connection, retention: KEEP_ALL, replicas: 3, onLost: () => {} });
}

/** Whether the stream of the log stores batches. */
async function hasBatchesAt({ store }: NatsCluster): Promise<boolean> {
  await using client = await NatsClient.open(parseNatsStore(store)!.connection);
  return (await new JetStream(client).info("HALLEY")).config.allow_atomic === true;
}

Deno.test({
  name:
    "[F45] a cluster has stored all drafts of an append or none, if the leader of the log is killed",
  ignore: NEWEST_NATS_SERVER === undefined,
  fn: async () => {
    using _ = ignoreLateWrites();
    await using cluster = await NatsCluster.start(3, () => NEWEST_NATS_SERVER ?? "");
    await using store = await openAt(cluster);
    assert(await hasBatchesAt(cluster));
    let stored = 0;

    for (const wait of [0, 6]) {
      const leader = cluster.servers[await cluster.leader("HALLEY") ?? 0]!;
      const keyed = drafts(400, `${wait}`).map((draft, n) => ({ ...draft, key: `${wait} ${n}` }));
      const appending = store.log.append(keyed).then(() => true, () => false);
      await delay(wait);
      await leader.kill();
      const isAppended = await appending;
      await leader.restart();

      // What is stored after it shows how much of it is stored.
      const [last] = await appendWithRetries(store, [tea("end", `end ${wait}`)]);
      const end = last!.message.id;
      const count = end - stored - 1;
      assert(count === 400 || count === 0 && !isAppended, `${count} of 400 after ${wait} ms`);
      const again = await appendWithRetries(store, keyed);
      assertEquals(again.every(({ repeated }) => repeated === (count === 400)), true);
      stored = end + 400 - count;
    }
  },
});

/** Appends drafts with keys, again and again until the cluster has recovered. */
async function appendWithRetries(
  { log }: NatsStore,
  drafts: readonly Draft[],
): Promise<readonly Appended[]> {
  let appended: readonly Appended[] | undefined;
  await waitUntil(async () => {
    appended = await log.append(drafts).catch(() => undefined);
    return appended !== undefined;
  }, "the cluster has recovered");
  return appended ?? [];
}

/**
 * Ignores that the library has written to a connection while that was lost: it can remove the listener of the socket's errors
 * too early.
 */
function ignoreLateWrites(): Disposable {
  const errors: unknown[] = [];
  const capturing = captureErrors(errors);
  return {
    [Symbol.dispose]: () => {
      capturing[Symbol.dispose]();
      assertEquals(errors.filter((error) => !String(error).includes("write after end")), []);
    },
  };
}
