import type { Retention } from "../../../../server/core/model/store.ts";
import { NatsStore } from "../../../../server/stores/nats/nats_store.ts";
import { storeContract } from "../../../stores/contract.ts";
import { nodesContract } from "../../../stores/nodes_contract.ts";
import { KEEP_ALL } from "../../../support/retention.ts";
import { withCleanup } from "../../../support/with_cleanup.ts";
import { RealTime } from "../model_time.ts";
import { CALM } from "./nats_conditions.ts";
import { NatsModel } from "./nats_model.ts";

/** Opens stores of two nodes over one model of NATS servers. */
async function openPair(retention: Retention, servers: number) {
  const time = new RealTime();
  const nats = new NatsModel({ time, conditions: CALM, servers });
  const open = () =>
    NatsStore.open({
      connection: { servers: ["model"], tls: false },
      replicas: servers,
      retention,
      connect: () => Promise.resolve(nats.connect(time)),
      onLost: (reason) => {
        throw new Error(reason);
      },
    });
  return [withCleanup(await open(), time), open] as const;
}

storeContract("a model of NATS", async (retention) => (await openPair(retention, 1))[0]);

nodesContract("a model of a NATS cluster", async () => {
  const [left, open] = await openPair(KEEP_ALL, 3);
  return [left, await open()];
});
