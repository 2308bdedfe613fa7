import { assert, assertEquals, assertRejects } from "@std/assert";
import { connect } from "@nats-io/transport-node";
import { join } from "node:path";
import type { Draft } from "../../server/core/model/message.ts";
import { Refused } from "../../server/core/model/refused.ts";
import { type NatsStore, renewEpochAt } from "../../server/stores/nats/nats_store.ts";
import { waitUntil } from "../support/wait_until.ts";
import { TestFolder } from "../support/test_folder.ts";
import { TestHub, texts } from "../support/hub.ts";
import { administer, openNode, tea } from "./nats_nodes.ts";
import { hasNats, NatsServer } from "./nats_server.ts";

const isThere = hasNats();
const server = isThere ? await NatsServer.start() : undefined;
Deno.test.afterAll(async () => await server?.[Symbol.asyncDispose]());

let deployments = 0;

function test(title: string, run: (name: string, server: NatsServer) => Promise<void>): void {
  const fn = async () => await run(`FAULTS${++deployments}`, server!);
  Deno.test({ name: title, ignore: !isThere, fn });
}

test(
  "[F10] a follower gets every message once and in order, though the server is killed",
  async (name, server) => {
    await using left = await openNode(server, { name });
    await using right = await openNode(server, { name });
    const [seen, expected]: [string[], string[]] = [[], []];
    using _ = await right.log.follow(0, (messages) => seen.push(...texts({ messages })));
    let isOver = false;
    const sending = (async () => {
      for (let n = 0; !isOver; n++) {
        await appendAtLast(left, tea(`${n}`, `${n}`));
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
    isOver = true;
    await sending;
    await waitUntil(() => seen.length >= expected.length, "the follower has all");

    assertEquals(seen, expected);
    assertEquals(await right.log.newestId(), expected.length);
  },
);

test(
  "[F11] without NATS, sends are refused, parked polls and polls of the window go on, and all resumes",
  async (name, server) => {
    const chat = await TestHub.open({}, await openNode(server, { name }));
    await using _ = chat;
    const alice = await chat.signIn("alice");
    const cursor = await chat.cursor(alice);
    await chat.say(alice, "room:tea", "one");
    const { cursor: newest } = await chat.poll(alice, { cursor });
    const parked = chat.poll(alice, { cursor: newest, tab: "desk" });

    await server.kill();
    try {
      await waitUntil(() => chat.store.unavailableReason !== undefined, "the trouble is told");
      const refused = await assertRejects(() => chat.say(alice, "room:tea", "in vain"), Refused);
      assertEquals([refused.refusal, refused.retryAfter], ["store_unavailable", 2_000]);
      await assertRejects(() => chat.hub.signIn("bob"), Refused);
      assertEquals(texts(await chat.poll(alice, { cursor })), ["one"]);
    } finally {
      await server.restart();
    }
    await waitUntil(() => chat.store.unavailableReason === undefined, "the trouble is over");
    await chat.say(alice, "room:tea", "two");

    assertEquals(texts(await parked), ["two"]);
  },
);

test("[F11] where there is no room for messages, they are refused, and what is there is read", async (name) => {
  using folder = TestFolder.make();
  const config = join(folder.path, "nats.conf");
  await Deno.writeTextFile(config, "jetstream { max_file_store: 100KB }");
  await using small = await NatsServer.start("-c", config);
  await using store = await openNode(small, { name });
  const text = "x".repeat(8_000);

  let appended = 0;
  const refused = await assertRejects(async () => {
    for (; appended < 100; appended++) await store.log.append([tea(text)]);
  }, Refused);

  assertEquals(refused.refusal, "store_unavailable");
  assertEquals(refused.message, "JetStream refuses: insufficient resources");
  assertEquals((await store.log.read(["room:tea"], 0, 100)).messages.length, appended);
});

test(
  "[F10] what a stranger writes into the log or the bus is no message, and disturbs nobody",
  async (name, server) => {
    await using store = await openNode(server, { name });
    const seen: string[] = [];
    using _ = await store.log.follow(0, (messages) => seen.push(...texts({ messages })));
    const connection = await connect({ servers: server.address });
    const log = name.toLowerCase() + ".log";
    for (const subject of [`${log}.room.tea`, `${log}.%zz`, `${name.toLowerCase()}.bus`]) {
      for (const text of ["", "tea", "null", "{}", "[]"]) connection.publish(subject, text);
    }
    connection.publish(`${name.toLowerCase()}.bus`, '{"type":"presence","node":"other"}');
    await connection.flush();
    await connection.close();

    const [message] = await store.log.append([tea("hello")]);

    assertEquals([seen, message?.message.id], [["hello"], 11]);
    assertEquals(texts(await store.log.read(["room:tea"], 0, 10)), ["hello"]);
    await using anew = await openNode(server, { name });
    assertEquals(texts(await anew.log.read(["room:tea"], 0, 10)), ["hello"]);
  },
);

test(
  "[F13] a log that was made anew has another epoch, and a node of the old one stops",
  async (name, server) => {
    const lost: string[] = [];
    await using old = await openNode(server, { name, onLost: (reason) => lost.push(reason) });
    const [first] = await old.log.append([tea("one")]);
    await administer(server, `STREAM.DELETE.${name}`);

    await using anew = await openNode(server, { name });

    await waitUntil(() => lost.length > 0, "the old node notices");
    assertEquals(lost[0], `The stream ${name} has another epoch: its log was replaced`);
    assert(anew.log.epoch !== old.log.epoch);
    assertEquals((await anew.log.append([tea("one")]))[0]?.message.id, first?.message.id);
  },
);

test(
  "[F13] a log that has lost messages which were seen has another epoch",
  async (name, server) => {
    const lost: string[] = [];
    await using old = await openNode(server, { name, onLost: (reason) => lost.push(reason) });
    await old.log.append([tea("one"), tea("two")]);
    // As a server does whose disk has lost what it had not synced: it is the same stream, with less in it.
    const { config } = await streamOf(server, name);
    await administer(server, `STREAM.DELETE.${name}`);
    await administer(server, `STREAM.CREATE.${name}`, config);

    await waitUntil(() => lost.length > 0, "the node notices");

    assertEquals(lost[0], `The stream ${name} has lost messages: it ends before 2`);
    await using anew = await openNode(server, { name });
    assert(anew.log.epoch !== old.log.epoch);
  },
);

test(
  "[F13] a log is given a new epoch, as after a restored backup, and its nodes stop",
  async (name, server) => {
    const lost: string[] = [];
    await using old = await openNode(server, { name, onLost: (reason) => lost.push(reason) });
    await old.log.append([tea("one")]);

    await renewEpochAt({ servers: [server.address], tls: false }, name);
    await assertRejects(() => old.log.trim(Date.now()), Refused);
    await using anew = await openNode(server, { name });

    assertEquals(lost.length, 1);
    assert(anew.log.epoch !== old.log.epoch);
    assertEquals(texts(await anew.log.read(["room:tea"], 0, 10)), ["one"]);
  },
);

/** As a client does that is refused: again and again, with the same key. */
async function appendAtLast(store: NatsStore, draft: Draft): Promise<void> {
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

async function streamOf({ address }: NatsServer, name: string) {
  const connection = await connect({ servers: address });
  const answer = await connection.request(`$JS.API.STREAM.INFO.${name}`);
  await connection.close();
  return answer.json<{ readonly config: unknown }>();
}
