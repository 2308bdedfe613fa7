import { assertEquals } from "@std/assert";
import { Refused } from "../../server/core/model/refused.ts";
import { formatTask, parseTask } from "../../server/webhooks/webhook_task.ts";
import { TestHub } from "../support/hub.ts";
import { waitUntil } from "../support/wait_until.ts";
import { natsTest, openNode } from "../stores/nats_server.ts";
import { messageIds, Receiver } from "./receiver.ts";
import { fetchAll, startWebhooks } from "./webhook_hub.ts";

const unavailable = () => Promise.reject(new Refused("store_unavailable", "the disk is full"));

/** A hub that sends `delivered`, with bob, who is written to before `read` has one of his tabs acknowledge that. */
async function open(test?: TestHub) {
  const stack = new AsyncDisposableStack();
  const receiver = stack.use(new Receiver());
  const { hub, store } = test = stack.use(test ?? await TestHub.open());
  const deps = { store, hub, logger: { write: () => {} }, onError: () => {} };
  const settings = { events: ["delivered"] } as const;
  const webhooks = stack.use(await startWebhooks(deps, settings, { receiver }));
  const [alice, bob] = [await test.signIn("alice"), await test.signIn("bob")];
  const cursor = await test.cursor(bob);
  const { id } = await test.say(alice, `direct:${bob.publicToken}`, "hello");
  // The node has the message before anything goes wrong.
  await test.poll(bob, { tab: "phone", cursor });
  const read = () => fetchAll(test, bob, { tab: "phone", cursor });
  const dispose = () => stack.disposeAsync();
  return { receiver, hub, store, webhooks, bob, id, read, [Symbol.asyncDispose]: dispose };
}

Deno.test("[I35] a message is told as delivered although its receipt could not be queued at first", async () => {
  await using run = await open();
  const { store: { queue, receipts }, hub, bob: { publicToken } } = run;
  const add = queue.add.bind(queue);
  queue.add = unavailable;
  await run.read();
  await hub.receipts.flush();
  const before = await receipts.list(publicToken);

  queue.add = add;
  await hub.receipts.flush();
  await hub.receipts.flush();

  assertEquals(messageIds(await run.receiver.got(1)), [run.id]);
  assertEquals([before.length, (await receipts.list(publicToken)).length], [0, 1]);
});

Deno.test("[I35] what was read while the store was unavailable is told when it is available again", async () => {
  await using run = await open();
  const { store: { queue }, hub, bob: { publicToken } } = run;
  const add = queue.add.bind(queue);
  queue.add = unavailable;
  const channel = `notice:${publicToken}`;
  const [notice] = await hub.publishing.publish("api:x", [{
    to: `session:${publicToken}`,
    text: "the tea is ready",
  }]);
  const upTo = notice?.message.id ?? 0;
  const range = { publicToken, channel, tab: "", after: run.id, upTo };
  await hub.receipts.addSeen(range).catch(() => {});

  queue.add = add;

  assertEquals(messageIds(await run.receiver.got(1)), [upTo]);
});

Deno.test("[I35] a receipt that was queued, but could not be stored, is stored with its event", async () => {
  await using run = await open();
  const { store: { receipts }, hub, bob: { publicToken } } = run;
  const add = receipts.add.bind(receipts);
  receipts.add = unavailable;
  await run.read();
  await hub.receipts.flush();

  receipts.add = add;

  assertEquals(messageIds(await run.receiver.got(1)), [run.id]);
  assertEquals((await receipts.list(publicToken)).length, 1);
});

Deno.test("[I35] a receipt of a process that was killed before it was stored is stored, unless its session has ended", async () => {
  await using run = await open();
  const { store: { queue, receipts, bus }, bob: { publicToken }, id } = run;
  const receipt = { publicToken, channel: "", tab: "phone", after: 0, upTo: id, at: Date.now() };
  const taskOf = (more: { publicToken?: string }) => ({
    ...{ due: 0, tries: 0 },
    body: formatTask({
      type: "receipt",
      receipt: { kind: "delivered", ...receipt, ...more },
      at: receipt.at,
    }),
  });

  await queue.add([taskOf({ publicToken: "gone" }), taskOf({})], 10);
  bus.broadcast({ type: "tasks" });

  assertEquals(messageIds(await run.receiver.got(1)), [id]);
  assertEquals(await receipts.list(publicToken), [{ kind: "delivered", ...receipt }]);
  assertEquals(await receipts.list("gone"), []);
});

Deno.test("[I35] receipts that cannot be queued are counted as dropped: the oldest of more than 10,000, and all when the server stops", async () => {
  await using run = await open();
  const { store: { queue }, hub, webhooks, bob } = run;
  queue.add = unavailable;
  const acked = { after: 0, upTo: run.id, at: 0, notices: true, channels: new Map() };
  for (let n = 0; n < 10_002; n++) {
    hub.receipts.addDelivery({ reader: bob, tab: `${n}`, acked });
  }

  await hub.receipts.flush();
  const before = webhooks.counts.dropped;
  await hub.close(() => 0);
  await hub[Symbol.asyncDispose]();

  assertEquals([before, webhooks.counts.dropped], [2, 10_002]);
});

Deno.test("[I35] what is acknowledged after webhooks have stopped is queued for the next ones", async () => {
  await using run = await open();
  const { store: { queue }, hub, webhooks } = run;
  await webhooks[Symbol.asyncDispose]();

  await run.read();
  await hub.receipts.flush();

  const [task] = await queue.listDue(Number.MAX_SAFE_INTEGER, 10);
  assertEquals(parseTask(task?.body ?? "")?.type, "receipt");
});

natsTest(
  "[I35] over NATS, what is acknowledged while no server runs is told later",
  async (server) => {
    await using run = await open(await TestHub.open({}, await openNode(server)));
    const { store, hub } = run;
    await server.kill();
    try {
      await waitUntil(() => store.unavailableReason !== undefined, "the store is unavailable");
      await run.read();
      await hub.receipts.flush();
    } finally {
      await server.restart();
    }

    assertEquals(messageIds(await run.receiver.got(1)), [run.id]);
  },
);
