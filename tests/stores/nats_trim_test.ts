import { assertEquals } from "@std/assert";
import { delay } from "../../server/base/delay.ts";
import type { Draft } from "../../server/core/model/message.ts";
import type { Person } from "../../server/protocol/message.ts";
import type { Store } from "../../server/core/model/store.ts";
import { NatsClient } from "../../server/stores/nats/nats_client.ts";
import { JetStream } from "../../server/stores/nats/nats_jetstream.ts";
import type { StreamInfo } from "../../server/stores/nats/nats_stream_info.ts";
import { NatsBucket } from "../../server/stores/nats/nats_bucket.ts";
import { NatsMarks } from "../../server/stores/nats/nats_marks.ts";
import { LogIndex } from "../../server/stores/nats/nats_log_index.ts";
import { texts } from "../support/hub.ts";
import { waitUntil } from "../support/wait_until.ts";
import { KEEP_ALL } from "../support/retention.ts";
import { administer, alice, natsTest, openNode, tea } from "./nats_server.ts";

const RETENTION = { ...KEEP_ALL, maxMessages: 2, keyAgeMs: 200 };
const MILK: Draft = { channel: "room:milk", from: alice, text: "milk" };

async function seen({ log }: Store, topic: string): Promise<readonly [readonly string[], number]> {
  const page = await log.read([topic], 0, 10);
  return [texts(page), page.trimmedUpTo];
}

natsTest(
  "[L14] nodes that start, and nodes that did not trim, know what was removed from the stream",
  async (server) => {
    await using left = await openNode(server, { retention: RETENTION });
    await using right = await openNode(server, { retention: KEEP_ALL });
    await left.log.append([MILK]);
    await left.log.append([tea("1"), tea("2"), tea("3"), tea("4")]);
    await delay(300);
    while (await left.log.trim(Date.now()));
    const { state } = await administer<StreamInfo>(server, "STREAM.INFO.HALLEY");
    await using later = await openNode(server, { retention: KEEP_ALL });

    assertEquals([state.messages, state.first_seq], [2, 1]);
    for (const node of [left, right, later]) {
      assertEquals(await seen(node, "room:tea"), [["4"], 4]);
      assertEquals(await seen(node, "room:milk"), [["milk"], 0]);
    }
  },
);

natsTest(
  "[L17] a node that starts keeps the older messages of the one who wrote less in a conversation",
  async (server) => {
    const retention = { ...KEEP_ALL, maxPrivate: 2, keyAgeMs: 200 };
    const bob = { publicToken: "bobBobBobBobBob_", displayName: "bob" };
    const channel = `direct:${alice.publicToken}:${bob.publicToken}`;
    const direct = (from: Person, text: string): Draft => ({ channel, from, text });
    {
      await using node = await openNode(server, { retention });
      await node.log.append([
        direct(bob, "hello"),
        ...["1", "2", "3"].map((n) => direct(alice, n)),
      ]);
      await delay(300);
      while (await node.log.trim(Date.now()));
    }

    await using node = await openNode(server, { retention });
    const { state } = await administer<StreamInfo>(server, "STREAM.INFO.HALLEY");
    const left = await seen(node, channel);
    await node.log.append([direct(bob, "bye"), direct(alice, "4")]);
    while (await node.log.trim(Date.now()));

    assertEquals([state.messages, left], [2, [["hello", "3"], 3]]);
    assertEquals(await seen(node, channel), [["bye", "4"], 4]);
  },
);

natsTest(
  "[F40] two nodes that remove the same messages and values at the same time both succeed",
  async (server) => {
    const retention = { ...KEEP_ALL, maxMessages: 3, keyAgeMs: 200 };
    await using left = await openNode(server, { retention });
    await using right = await openNode(server, { retention });
    const nodes = [left, right];
    await left.log.append([MILK, tea("1"), tea("2"), tea("3"), tea("4")]);
    const sweep = () =>
      Promise.all(nodes.map(async ({ log }) => {
        while (await log.trim(Date.now()));
      }));

    await waitUntil(async () => {
      await sweep();
      const info = await administer<StreamInfo>(server, "STREAM.INFO.HALLEY");
      return info.state.messages === 3;
    }, "they are removed from the stream");
    await sweep();

    await using client = await NatsClient.open({ servers: [server.address], tls: false });
    const bucket = new NatsBucket<number>(new JetStream(client), "HALLEY_RECORDS", "test");
    await bucket.put("k", 1);
    const before = await bucket.get("k");
    await bucket.put("k", 2);
    assertEquals(await bucket.removeRevision(before?.revision ?? 0), false);
    assertEquals((await bucket.get("k"))?.value, 2);
  },
);

natsTest(
  "[L14] a node that starts removes what one that was killed has marked as trimmed",
  async (server) => {
    const keep = { ...KEEP_ALL, keyAgeMs: 200 };
    {
      await using node = await openNode(server, { retention: keep });
      await node.log.append([MILK, tea("1"), tea("2"), tea("3")]);
      await using client = await NatsClient.open({ servers: [server.address], tls: false });
      const marks = new NatsMarks(new JetStream(client), "HALLEY_RECORDS");
      await marks.store({
        channel: "room:tea",
        owner: "room:tea",
        subject: "",
        ids: [],
        from: 2,
        upTo: 3,
        at: 0,
      });
    }

    await using node = await openNode(server, { retention: keep });
    const { state } = await administer<StreamInfo>(server, "STREAM.INFO.HALLEY");

    assertEquals(state.messages, 2);
    assertEquals(await seen(node, "room:tea"), [["3"], 3]);
    assertEquals(await seen(node, "room:milk"), [["milk"], 0]);
  },
);

natsTest(
  "[L14] what the stream's own limits remove is a gap for the topics that lost it; after a start, for all",
  async (server) => {
    await using node = await openNode(server);
    await node.log.append([tea("1"), tea("2"), MILK, tea("3")]);
    await administer(server, "STREAM.PURGE.HALLEY", { seq: 3 });

    const isMore = await node.log.trim(0);
    await using later = await openNode(server);

    assertEquals(isMore, false);
    assertEquals(await seen(node, "room:tea"), [["3"], 2]);
    assertEquals(await seen(node, "room:milk"), [["milk"], 0]);
    assertEquals(await seen(later, "room:milk"), [["milk"], 2]);
  },
);

Deno.test("[L7] an index of a stream forgets what was removed, whatever is kept between", () => {
  const index = new LogIndex("HALLEY", 0);
  const subjectOf = (seq: number) =>
    seq % 100 === 1 ? "halley.log.notice.aliceAliceAlice_" : `halley.log.room.${seq % 3}`;
  const retention = { ...KEEP_ALL, maxMessages: 30, maxPrivate: 40 };

  for (let seq = 1; seq <= 10_000; seq++) {
    index.add({ seq, subject: subjectOf(seq), at: seq, bytes: 100 });
    if (seq % 50 === 0) { while (index.trim(retention, 0)); }
  }

  const rooms = ["room:0", "room:1", "room:2"];
  assertEquals(index.after(rooms, 0, 100).ids.length, 30);
  const inbox = index.after(["inbox:aliceAliceAlice_"], 0, 100).ids;
  assertEquals([inbox.length, inbox[0], inbox.at(-1)], [40, 6_001, 9_901]);
  assertEquals(index.range(0, 1_000).length, 70);
  assertEquals(index.before("inbox:aliceAliceAlice_", 6_150, 9), [6_101, 6_001]);
  assertEquals([index.has(5_901), index.has(6_001)], [false, true]);
  assertEquals(index.trimmedUpTo(["inbox:aliceAliceAlice_"]), 5_901);
  for (const room of rooms) {
    const first = index.after([room], 0, 1).ids[0] ?? 0;
    assertEquals([index.trimmedUpTo([room]) < first, index.trimmedUpTo([room]) > 9_900], [
      true,
      true,
    ]);
  }
});
