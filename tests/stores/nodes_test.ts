import { IN_MEMORY, SqliteStore } from "../../server/stores/sqlite/sqlite_store.ts";
import { KEEP_ALL } from "../support/retention.ts";
import { nodesContract } from "./nodes_contract.ts";

nodesContract("two hubs in one process", () => {
  const store = SqliteStore.open(IN_MEMORY, KEEP_ALL);
  // It is closed once.
  const same = { ...parts(store), [Symbol.asyncDispose]: () => Promise.resolve() };
  return Promise.resolve([store, same]);
});

function parts(
  { log, sessions, receipts, keyValue, queue, bus, unavailableReason: unavailableReason }:
    SqliteStore,
) {
  return { log, sessions, receipts, keyValue, queue, bus, unavailableReason };
}
