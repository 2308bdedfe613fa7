import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { ServerProcess } from "../support/server_process.ts";
import { TestFolder } from "../support/test_folder.ts";
import { waitUntil } from "../support/wait_until.ts";

Deno.test("[B19] /metrics tells of notices and of webhooks, where they are switched on", async () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "shop.db");
  const database = new DatabaseSync(path);
  database.exec(
    "CREATE TABLE orders (key INTEGER, body TEXT); INSERT INTO orders VALUES (1, 'paid')",
  );
  database.close();
  await using server = await ServerProcess.start({
    settings: {
      STORE: "memory",
      HAS_DB: "Y",
      NOTICES_DB: path,
      NOTICES_QUERY: "SELECT key, body FROM orders",
      NOTICES_FROM: "start",
      WEBHOOK_URL: "http://127.0.0.1:9",
      WEBHOOK_SECRET: "a-secret-of-22-characters",
    },
  });

  const figures = async () => {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    return text.split("\n").filter((line) => /^halley_(notices|webhooks)_/.test(line));
  };

  await waitUntil(
    async () => (await figures()).includes("halley_notices_published_total 1"),
    "read",
  );

  assertEquals(await figures(), [
    "halley_notices_published_total 1",
    "halley_notices_skipped_total 0",
    "halley_notices_failures_total 0",
    "halley_notices_database_up 1",
    "halley_webhooks_sent_total 0",
    "halley_webhooks_failed_total 0",
    "halley_webhooks_given_up_total 0",
    "halley_webhooks_dropped_total 0",
    "halley_webhooks_waiting 0",
  ]);
});
