import { join } from "node:path";
import { KvStore } from "../../server/stores/kv/kv_store.ts";
import { owningStore } from "../support/owning_store.ts";
import { KEEP_ALL } from "../support/retention.ts";
import { TestFolder } from "../support/test_folder.ts";
import { storeContract } from "./contract.ts";
import { nodesContract } from "./nodes_contract.ts";

storeContract("Deno KV", (retention) => KvStore.open(":memory:", retention));

nodesContract("Deno KV", async () => {
  const folder = TestFolder.make();
  const path = join(folder.path, "halley.kv");
  const left = await KvStore.open(path, KEEP_ALL);
  return [owningStore(left, folder), await KvStore.open(path, KEEP_ALL)];
});
