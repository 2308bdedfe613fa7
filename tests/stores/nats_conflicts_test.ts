import { assertEquals } from "@std/assert";
import { parseNatsStore } from "../../server/stores/nats/nats_settings.ts";
import { NatsStore } from "../../server/stores/nats/nats_store.ts";
import { NatsCluster, NEWEST_NATS_SERVER } from "../nodes/nats_cluster.ts";
import { KEEP_ALL } from "../support/retention.ts";
import { alice } from "./nats_server.ts";

Deno.test({
  name: "[F50] nodes change the same session and take the same lease at the same time",
  // Clusters up to 2.9.20 can accept both: https://github.com/nats-io/nats-server/issues/4320
  ignore: NEWEST_NATS_SERVER === undefined,
  fn: async () => {
    await using cluster = await NatsCluster.start(3, () => NEWEST_NATS_SERVER ?? "");
    await using left = await openAt(cluster);
    await using right = await openAt(cluster);
    const nodes = [{ store: left, room: "tea" }, { store: right, room: "milk" }];
    const session = { ...alice, createdAt: 1, lastSeen: 1, startsAfter: 0 };
    await left.sessions.upsert(session, undefined);

    for (let n = 0; n < 20; n++) {
      const leases = await Promise.all(nodes.map(async ({ store, room }) => {
        const marker = { channel: `room:${room}${n}`, readUpTo: n, deliveredUpTo: n };
        await store.sessions.setReadMarker(alice.publicToken, marker);
        return await store.keyValue.acquireLease(`job ${n}`, room, 10_000);
      }));
      assertEquals(leases.filter((isHeld) => isHeld).length, 1);
    }

    assertEquals((await right.sessions.readMarkers(alice.publicToken)).length, 40);
  },
});

function openAt(cluster: NatsCluster): Promise<NatsStore> {
  const { connection } = parseNatsStore(cluster.store)!;
  return NatsStore.open({ connection, retention: KEEP_ALL, replicas: 3, onLost: () => {} });
}
