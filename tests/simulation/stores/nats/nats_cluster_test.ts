import { assert, assertEquals, assertRejects } from "@std/assert";
import { Refused } from "../../../../server/core/model/refused.ts";
import { NatsClient } from "../../../../server/stores/nats/nats_client.ts";
import { JetStream } from "../../../../server/stores/nats/nats_jetstream.ts";
import { NatsStore } from "../../../../server/stores/nats/nats_store.ts";
import { alice, tea } from "../../../stores/nats_server.ts";
import { texts } from "../../../support/hub.ts";
import { settle } from "../../../support/clock.ts";
import { waitUntil } from "../../../support/wait_until.ts";
import { KEEP_ALL } from "../../../support/retention.ts";
import { RealTime } from "../model_time.ts";
import { CALM } from "./nats_conditions.ts";
import { NatsModel } from "./nats_model.ts";

Deno.test("[F41] a node that starts while a replica of the log is behind its leader misses no message", async () => {
  using time = new RealTime();
  const { nats, delays } = openCluster(time);
  await using left = await openNode(nats, time);
  await left.log.append([tea("1"), tea("2")]);
  delays.lag = 300;
  await left.log.append([tea("3"), tea("4")]);

  // Its consumers are on a replica that has two messages.
  delays.choice = 1;
  await using right = await openNode(nats, time);

  assertEquals(texts(await right.log.read(["room:tea"], 0, 10)), ["1", "2", "3", "4"]);
  await left.log.append([tea("5")]);
  assertEquals(await right.log.newestId(), 5);
  assertEquals(texts(await right.log.read(["room:tea"], 0, 10)), ["1", "2", "3", "4", "5"]);
});

Deno.test("[F46] a node waits for a leader that has just taken over, if a reader has more than both", async () => {
  using time = new RealTime();
  const { nats, delays } = openCluster(time);
  await using left = await openNode(nats, time);
  await left.log.append([tea("1")]);
  // The other node is not at the leader.
  delays.choice = 1;
  await using right = await openNode(nats, time);
  delays.lag = 60_000;
  await left.log.append([tea("2")]);
  nats.crash(0);
  // How long the new leader takes to catch up.
  delays.election = 600;

  assertEquals(await right.log.newestId(), 1);
  assertEquals(await right.log.newestId(2), 2);
});

Deno.test("[F48] what was stored last is found, although a leader that has just taken over lacks it", async () => {
  using time = new RealTime();
  const { nats, delays } = openCluster(time);
  await using node = await openNode(nats, time);
  const { sessions, keyValue } = node;
  const session = { ...alice, createdAt: 1, lastSeen: 1, startsAfter: 0 };
  const [bob, carol] = ["bobBobBobBobBob_", "carolCarolCarol_"] as const;
  await sessions.upsert(session, "alice's first");
  await settle();
  delays.lag = 60_000;
  await sessions.upsert(session, "alice's second");
  await sessions.upsert({ ...session, publicToken: bob }, "bob's");
  await sessions.upsert({ ...session, publicToken: carol, userId: "42" }, "carol's");
  await keyValue.set("checkpoint", "7");
  delays.choice = 1;
  for (const stream of nats.streams) nats.stepDown(stream);
  // How long the new leaders take to catch up.
  delays.election = 600;
  await settle();
  const marker = { channel: "room:tea", readUpTo: 3, deliveredUpTo: 3 };

  const [aliceFound, bobFound, byPublicToken, nobody, checkpoint] = await Promise.all([
    sessions.findByPrivateToken("alice's second"),
    sessions.findByPrivateToken("bob's"),
    sessions.findByPublicToken(bob),
    sessions.findByPrivateToken("nobody's"),
    keyValue.get("checkpoint"),
    sessions.revokeTokens(carol, 5),
    sessions.setReadMarker(bob, marker),
  ]);

  assertEquals([aliceFound?.publicToken, bobFound?.publicToken], [alice.publicToken, bob]);
  assertEquals([byPublicToken?.publicToken, nobody, checkpoint], [bob, undefined, "7"]);
  assertEquals(await sessions.findByPrivateToken("carol's"), undefined);
  assertEquals((await sessions.findByPublicToken(carol))?.revokedAt, 5);
  assertEquals(await sessions.readMarkers(bob), [marker]);
});

Deno.test("[F49] without batches, one that is lost is repeated before the next ones of its channel", async () => {
  using time = new RealTime();
  let lost = 0;
  const isLost = (what: string) => what === "request" && lost-- > 0;
  const nats = new NatsModel({ time, conditions: { ...CALM, isLost }, servers: 1 });
  await using node = await openNode(nats, time);
  lost = 1;

  const milk = { ...tea("milk"), channel: "room:milk" };
  const appended = await node.log.append([tea("1"), milk, tea("2"), tea("3")]);

  assertEquals(appended.map(({ message }) => message.id), [2, 1, 3, 4]);
  assertEquals(texts(await node.log.read(["room:tea"], 0, 10)), ["1", "2", "3"]);
});

Deno.test("[F45] a cluster is used without batches until all of its servers show that they have them", async () => {
  using time = new RealTime();
  const connect = () => Promise.resolve(nats.connect(time));
  const hasBatches = async () => {
    const options = { connection: { servers: ["model"], tls: false }, retention: KEEP_ALL };
    await using _ = await NatsStore.open({ ...options, replicas: 3, connect, onLost: () => {} });
    await using client = await NatsClient.open({ servers: [], tls: false }, { connect });
    return (await new JetStream(client).info("HALLEY")).config.allow_atomic === true;
  };

  let nats = new NatsModel({ time, conditions: CALM, servers: 3, newServers: 2 });
  assertEquals(await hasBatches(), false);
  nats = new NatsModel({ time, conditions: CALM, servers: 3, newServers: 3 });
  nats.crash(2);
  assertEquals(await hasBatches(), false);
  nats.restart(2);
  assertEquals(await hasBatches(), true);
});

Deno.test("[F13] a message that gets the id of a lost one is not acknowledged, and the log gets another epoch", async () => {
  using time = new RealTime();
  const nats = new NatsModel({ time, conditions: CALM, servers: 1 });
  const lost: string[] = [];
  await using node = await openNode(nats, time, (reason) => lost.push(reason));
  await node.log.append([tea("1"), tea("2"), tea("3")]);

  nats.failPower((stream) => stream === "HALLEY" ? 1 : 0);
  nats.restart(0);
  await waitUntil(async () => {
    const refused = await assertRejects(() => node.log.append([tea("new", "k")]), Refused);
    return !refused.message.includes("connection");
  }, "the connection is back");

  assertEquals(lost[0], "The stream HALLEY has lost messages: 3 and perhaps others");
  await using reopened = await openNode(nats, time);
  assert(reopened.log.epoch !== node.log.epoch);
});

Deno.test("[F13] a node whose messages another node has lost, and replaced, gives the log another epoch", async () => {
  using time = new RealTime();
  const nats = new NatsModel({ time, conditions: CALM, servers: 1 });
  const lost: string[] = [];
  await using node = await openNode(nats, time, (reason) => lost.push(reason));
  await node.log.append([tea("1"), tea("2")]);

  nats.failPower((stream) => stream === "HALLEY" ? 1 : 0);
  nats.restart(0);
  await using other = await openNode(nats, time);
  await other.log.append([tea("other"), tea("one more")]);

  await waitUntil(() => lost.length > 0, "the node notices");
  assertEquals(lost[0], "The stream HALLEY has lost messages: 2 and perhaps others");
});

Deno.test("[F42] a message that has got the id of a lost one is not read by those who could read that one", async () => {
  using time = new RealTime();
  const nats = new NatsModel({ time, conditions: CALM, servers: 1 });
  const connect = () => Promise.resolve(nats.connect(time));
  await using node = await openNode(nats, time, () => {});
  await node.log.append([tea("1"), tea("2")]);
  await using client = await NatsClient.open({ servers: [], tls: false }, { connect });
  const jetstream = new JetStream(client);
  const { config } = await jetstream.info("HALLEY");
  await jetstream.call("STREAM.DELETE.HALLEY");
  await jetstream.call("STREAM.CREATE.HALLEY", config);
  const secret = { channel: "room:secret", text: "for few", at: 1 };

  for (let n = 0; n < 2; n++) {
    await jetstream.publish("halley.log.room.secret", JSON.stringify(secret));
  }

  assertEquals((await node.log.read(["room:tea"], 0, 10)).messages, []);
  assertEquals(await node.log.history("room:tea", undefined, 10), []);
});

function openNode(
  nats: NatsModel,
  time: RealTime,
  onLost: (reason: string) => void = (reason) => {
    throw new Error(reason);
  },
): Promise<NatsStore> {
  return NatsStore.open({
    connection: { servers: ["model"], tls: false },
    retention: KEEP_ALL,
    replicas: nats.up.length,
    connect: () => Promise.resolve(nats.connect(time)),
    onLost,
  });
}

/** A model of three servers. `delays` can be changed: of replicas and of elections in ms, and which server a node chooses. */
function openCluster(time: RealTime) {
  const delays = { lag: 0, election: 0, choice: 0 };
  const conditions = {
    ...CALM,
    lag: () => delays.lag,
    election: () => delays.election,
    choose: (count: number) => delays.choice % count,
  };
  return { nats: new NatsModel({ time, conditions, servers: 3 }), delays };
}
