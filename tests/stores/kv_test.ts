import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import type { NodeEvent } from "../../server/core/model/node_event.ts";
import { BUS_HEAD, eventsKey, HEAD, messageKey } from "../../server/stores/kv/kv_keys.ts";
import { toChunks } from "../../server/stores/kv/kv_chunks.ts";
import { KvStore } from "../../server/stores/kv/kv_store.ts";
import { waitUntil } from "../support/wait_until.ts";
import { withCleanup } from "../support/with_cleanup.ts";
import { captureErrors } from "../support/capture_errors.ts";
import { KEEP_ALL } from "../support/retention.ts";
import { TestFolder } from "../support/test_folder.ts";
import { storeContract } from "./contract.ts";
import { nodesContract } from "./nodes_contract.ts";

Deno.test("[F14] unknown events of another version are ignored, and the others of their batch received", async () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "halley.kv");
  await using store = await KvStore.open(path, KEEP_ALL);
  const received: NodeEvent[] = [];
  const hello = Promise.withResolvers<void>();
  using _ = store.bus.listen((event) => {
    received.push(event);
    hello.resolve();
  });
  const events = [{ type: "weather" }, { type: "presence", node: "new" }, null, {
    type: "hello",
    node: "new",
  }];

  using database = await Deno.openKv(path);
  const [batch] = toChunks(JSON.stringify({ node: "new", events }));
  await database.atomic().set(eventsKey(1, 0), batch).set(BUS_HEAD, 1).commit();

  await hello.promise;
  assertEquals(received, [{ type: "hello", node: "new" }]);
});

Deno.test("[O17] an invalid message in a Deno KV database is reported", async () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "halley.kv");
  const reported: unknown[] = [];
  using _ = captureErrors(reported);
  await using _store = await KvStore.open(path, KEEP_ALL);

  using database = await Deno.openKv(path);
  await database.atomic().set(messageKey(1), new TextEncoder().encode("tea")).set(HEAD, 1).commit();

  await waitUntil(() => reported.length > 0, "it is reported");
  assert(reported[0] instanceof SyntaxError);
});

storeContract("Deno KV", (retention) => KvStore.open(":memory:", retention));

nodesContract("Deno KV", async () => {
  const folder = TestFolder.make();
  const path = join(folder.path, "halley.kv");
  const left = await KvStore.open(path, KEEP_ALL);
  return [withCleanup(left, folder), await KvStore.open(path, KEEP_ALL)];
});
