import type { Retention } from "../../../../server/core/model/store.ts";
import { KvStore } from "../../../../server/stores/kv/kv_store.ts";
import { storeContract } from "../../../stores/contract.ts";
import { nodesContract } from "../../../stores/nodes_contract.ts";
import { KEEP_ALL } from "../../../support/retention.ts";
import { withCleanup } from "../../../support/with_cleanup.ts";
import { RealTime } from "../model_time.ts";
import { CALM } from "./kv_conditions.ts";
import { ModelKvConnection } from "./kv_connection.ts";
import { KvData } from "./kv_data.ts";

/** Opens stores of two nodes over one model of a database at a KV Connect server. */
async function openPair(retention: Retention) {
  const time = new RealTime();
  const data = new KvData(() => time.wallNow());
  const connect = () =>
    Promise.resolve(new ModelKvConnection({ data, conditions: CALM, server: time, node: time }));
  const open = () => KvStore.open("https://kv.halley.test", retention, { openKv: connect });
  return [withCleanup(await open(), time), open] as const;
}

storeContract("a model of Deno KV", async (retention) => (await openPair(retention))[0]);

nodesContract("a model of Deno KV", async () => {
  const [left, open] = await openPair(KEEP_ALL);
  return [left, await open()];
});
