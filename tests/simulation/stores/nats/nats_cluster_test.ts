import { assertEquals } from "@std/assert";
import { NatsStore } from "../../../../server/stores/nats/nats_store.ts";
import { tea } from "../../../stores/nats_server.ts";
import { texts } from "../../../support/hub.ts";
import { KEEP_ALL } from "../../../support/retention.ts";
import { RealTime } from "../model_time.ts";
import { CALM } from "./nats_conditions.ts";
import { NatsModel } from "./nats_model.ts";

Deno.test("[F41] a node that starts while a replica of the log is behind its leader misses no message", async () => {
  using time = new RealTime();
  let [lag, choice] = [0, 0];
  const conditions = { ...CALM, lag: () => lag, choose: (count: number) => choice % count };
  const nats = new NatsModel({ time, conditions, servers: 3 });
  await using left = await openNode(nats, time);
  await left.log.append([tea("1"), tea("2")]);
  lag = 300;
  await left.log.append([tea("3"), tea("4")]);

  // Its consumers are on a replica that has two messages.
  choice = 1;
  await using right = await openNode(nats, time);

  assertEquals(texts(await right.log.read(["room:tea"], 0, 10)), ["1", "2", "3", "4"]);
  await left.log.append([tea("5")]);
  assertEquals(await right.log.newestId(), 5);
  assertEquals(texts(await right.log.read(["room:tea"], 0, 10)), ["1", "2", "3", "4", "5"]);
});

function openNode(nats: NatsModel, time: RealTime): Promise<NatsStore> {
  return NatsStore.open({
    connection: { servers: ["model"], tls: false },
    replicas: 3,
    retention: KEEP_ALL,
    connect: () => Promise.resolve(nats.connect(time)),
    onLost: (reason) => {
      throw new Error(reason);
    },
  });
}
