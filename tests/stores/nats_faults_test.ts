import { assert, assertEquals, assertRejects } from "@std/assert";
import { connect } from "@nats-io/transport-node";
import { join } from "node:path";
import type { Draft } from "../../server/core/model/message.ts";
import { Refused } from "../../server/core/model/refused.ts";
import { type NatsStore, renewEpochAt } from "../../server/stores/nats/nats_store.ts";
import { waitUntil } from "../support/wait_until.ts";
import { TestFolder } from "../support/test_folder.ts";
import { TestHub, texts } from "../support/hub.ts";
import { administer, NatsServer, natsTest, openNode, tea } from "./nats_server.ts";

natsTest(
  "[F10] a follower receives every message once and in order, although the server is killed",
  async (server) => {
    await using left = await openNode(server);
    await using right = await openNode(server);
    const [seen, expected]: [string[], string[]] = [[], []];
    using _ = await right.log.follow(0, (messages) => seen.push(...texts({ messages })));
    let hasEnded = false;
    const sending = (async () => {
      for (let n = 0; !hasEnded; n++) {
        await appendWithRetries(left, tea(`${n}`, `${n}`));
        expected.push(`${n}`);
      }
    })();

    for (let kills = 1; kills <= 2; kills++) {
      const { length } = expected;
      await waitUntil(() => expected.length >= length + 20, "messages are sent");
      await server.kill();
      await server.restart();
    }
    const { length } = expected;
    await waitUntil(() => expected.length >= length + 20, "messages are sent again");
    hasEnded = true;
    await sending;
    await waitUntil(() => seen.length >= expected.length, "the follower has all");

    assertEquals(seen, expected);
    assertEquals(await right.log.newestId(), expected.length);
  },
);

natsTest(
  "[F11] without NATS, sends are refused and polls of the recent window continue; then everything resumes",
  async (server) => {
    const chat = await TestHub.open({}, await openNode(server));
    await using _ = chat;
    const alice = await chat.signIn("alice");
    const cursor = await chat.cursor(alice);
    await chat.say(alice, "room:tea", "one");
    const { cursor: newest } = await chat.poll(alice, { cursor });
    const parked = chat.poll(alice, { cursor: newest, tab: "desk" });

    await server.kill();
    try {
      await waitUntil(() => chat.store.unavailableReason !== undefined, "the store is unavailable");
      const refused = await assertRejects(() => chat.say(alice, "room:tea", "in vain"), Refused);
      assertEquals([refused.refusal, refused.retryAfter], ["store_unavailable", 2_000]);
      await assertRejects(() => chat.hub.signIn("bob"), Refused);
      assertEquals(texts(await chat.poll(alice, { cursor })), ["one"]);
    } finally {
      await server.restart();
    }
    await waitUntil(() => chat.store.unavailableReason === undefined, "the store is available");
    await chat.say(alice, "room:tea", "two");

    assertEquals(texts(await parked), ["two"]);
  },
);

natsTest(
  "[F11] a store that is closed while it waits for NATS leaves no timer or request behind",
  async (server) => {
    const store = await openNode(server);
    using _ = server.freeze();
    await waitUntil(() => store.unavailableReason !== undefined, "the store is unavailable");

    // Closes it while a check of the stream is in progress. The test runner reports what is left behind.
    await store[Symbol.asyncDispose]();
  },
);

natsTest(
  "[F11] while the disk is full, messages are refused, and stored ones can be read",
  async () => {
    using folder = TestFolder.make();
    const config = join(folder.path, "nats.conf");
    await Deno.writeTextFile(config, "jetstream { max_file_store: 100KB }");
    await using small = await NatsServer.start("-c", config);
    await using store = await openNode(small);
    const text = "x".repeat(8_000);

    let appended = 0;
    const refused = await assertRejects(async () => {
      for (; appended < 100; appended++) await store.log.append([tea(text)]);
    }, Refused);

    assertEquals(refused.refusal, "store_unavailable");
    assertEquals(refused.message, "JetStream refuses: insufficient resources");
    assertEquals((await store.log.read(["room:tea"], 0, 100)).messages.length, appended);
  },
);

natsTest(
  "[F10] foreign messages in the log or on the bus are ignored",
  async (server) => {
    await using store = await openNode(server);
    const seen: string[] = [];
    using _ = await store.log.follow(0, (messages) => seen.push(...texts({ messages })));
    const connection = await connect({ servers: server.address });
    for (const subject of ["halley.log.room.tea", "halley.log.%zz", "halley.bus"]) {
      for (const text of ["", "tea", "null", "{}", "[]"]) connection.publish(subject, text);
    }
    connection.publish("halley.bus", '{"type":"presence","node":"other"}');
    await connection.flush();
    await connection.close();

    const [message] = await store.log.append([tea("hello")]);

    assertEquals([seen, message?.message.id], [["hello"], 11]);
    assertEquals(texts(await store.log.read(["room:tea"], 0, 10)), ["hello"]);
    await using reopened = await openNode(server);
    assertEquals(texts(await reopened.log.read(["room:tea"], 0, 10)), ["hello"]);
  },
);

natsTest(
  "[F13] a recreated log has another epoch, and a node of the old one stops",
  async (server) => {
    const lost: string[] = [];
    await using old = await openNode(server, { onLost: (reason) => lost.push(reason) });
    const [first] = await old.log.append([tea("one")]);
    await administer(server, "STREAM.DELETE.HALLEY");

    await using reopened = await openNode(server);

    await waitUntil(() => lost.length > 0, "the old node notices");
    assertEquals(lost[0], "The stream HALLEY has another epoch: its log was replaced");
    assert(reopened.log.epoch !== old.log.epoch);
    assertEquals((await reopened.log.append([tea("one")]))[0]?.message.id, first?.message.id);
  },
);

natsTest(
  "[F13] a log that has lost messages gets another epoch",
  async (server) => {
    const lost: string[] = [];
    await using old = await openNode(server, { onLost: (reason) => lost.push(reason) });
    await old.log.append([tea("one"), tea("two")]);
    await loseMessages(server);

    await waitUntil(() => lost.length > 0, "the node notices");

    assertEquals(lost[0], "The stream HALLEY has lost messages: 2 and perhaps others");
    await using reopened = await openNode(server);
    assert(reopened.log.epoch !== old.log.epoch);
  },
);

natsTest(
  "[F13] a log that has lost messages gets another epoch, also if others have taken their ids",
  async (server) => {
    const lost: string[] = [];
    await using old = await openNode(server, { onLost: (reason) => lost.push(reason) });
    await old.log.append([tea("one"), tea("two")]);
    await loseMessages(server);

    await using other = await openNode(server);
    await other.log.append([tea("1"), tea("2"), tea("3")]);

    await waitUntil(() => lost.length > 0, "the node notices");
    assertEquals(lost[0], "The stream HALLEY has lost messages: 2 and perhaps others");
    await using reopened = await openNode(server);
    assert(reopened.log.epoch !== old.log.epoch);
  },
);

natsTest(
  "[F13] when a log gets a new epoch, as after restoring a backup, its nodes stop",
  async (server) => {
    const lost: string[] = [];
    await using old = await openNode(server, { onLost: (reason) => lost.push(reason) });
    await old.log.append([tea("one")]);

    await renewEpochAt({ servers: [server.address], tls: false });
    await assertRejects(() => old.log.trim(Date.now()), Refused);
    await using reopened = await openNode(server);

    assertEquals(lost.length, 1);
    assert(reopened.log.epoch !== old.log.epoch);
    assertEquals(texts(await reopened.log.read(["room:tea"], 0, 10)), ["one"]);
  },
);

/** Retries with the same key until the message is appended, as a client does. */
/** As after a power failure of a server that had not synced its disk: the same stream, without its messages. */
async function loseMessages(server: NatsServer): Promise<void> {
  const { config } = await administer<{ config: unknown }>(server, "STREAM.INFO.HALLEY");
  await administer(server, "STREAM.DELETE.HALLEY");
  await administer(server, "STREAM.CREATE.HALLEY", config);
}

async function appendWithRetries(store: NatsStore, draft: Draft): Promise<void> {
  await waitUntil(async () => {
    try {
      await store.log.append([draft]);
      return true;
    } catch (error) {
      if (error instanceof Refused) return false;
      throw error;
    }
  }, "it is appended");
}
