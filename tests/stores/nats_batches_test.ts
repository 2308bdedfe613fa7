import { assert, assertEquals, assertRejects } from "@std/assert";
import { delay } from "../../server/base/delay.ts";
import type { Draft } from "../../server/core/model/message.ts";
import { Refused } from "../../server/core/model/refused.ts";
import type { StreamInfo } from "../../server/stores/nats/nats_jetstream.ts";
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
