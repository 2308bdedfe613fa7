import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { TestFolder } from "../support/test_folder.ts";
import { waitUntil } from "../support/wait_until.ts";
import { readFamilies } from "../support/prometheus.ts";
import { ServerProcess } from "../support/server_process.ts";

/** The metrics of a server without notices and webhooks, by type. */
const FAMILIES: Record<string, readonly string[]> = {
  COUNTER: [
    "deliveries_total",
    "gaps_total",
    "limited_total",
    "messages_total",
    "polls_abandoned_total",
    "polls_total",
    "refusals_total",
    "search_damages_total",
    "worker_deliveries_total",
  ],
  GAUGE: [
    "heap_used_bytes",
    "parked_polls",
    "people_present",
    "rooms_read",
    "search_unindexed",
    "search_waiting",
    "sessions",
    "store_up",
    "window_bytes",
    "worker_parked_polls",
  ],
  SUMMARY: ["worker_event_loop_lag_seconds"],
  HISTOGRAM: [
    "acknowledgement_seconds",
    "delivery_seconds",
    "event_loop_lag_seconds",
    "poll_hold_seconds",
    "store_seconds",
    "sweep_seconds",
  ],
};

function post(url: string, path: string, body: unknown, token = ""): Promise<Response> {
  return fetch(`${url}/api/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", "authorization": `Bearer ${token}` },
    body: JSON.stringify(body),
  });
}

async function metricsOf(url: string) {
  const text = await (await fetch(`${url}/metrics`)).text();
  return { text, families: readFamilies(text) };
}

Deno.test("[O40] /metrics contains every metric in the format of Prometheus, with cumulative buckets", async () => {
  const settings = { STORE: "memory", INTERVAL_TIME: "100" };
  await using halley = await ServerProcess.start({ settings });
  const { url } = halley;
  const [alice, bob] = [
    await (await post(url, "sessions", { displayName: "alice" })).json(),
    await (await post(url, "sessions", { displayName: "bob" })).json(),
  ];
  const poll = async (cursor?: string) =>
    await (await post(url, "poll", { cursor, channels: ["room:tea"] }, bob.privateToken)).json();
  const { cursor } = await poll();
  const parked = poll(cursor);
  const channel = `direct:${bob.publicToken}`;
  await (await post(url, "messages", { channel, text: "hello" }, alice.privateToken)).json();
  const { cursor: next } = await parked;
  const waiting = poll(next);

  let families = (await metricsOf(url)).families;
  await waitUntil(async () => {
    families = (await metricsOf(url)).families;
    const counts = ["sweep", "acknowledgement", "event_loop_lag"].map((name) =>
      Number(families.get(`halley_${name}_seconds`)?.metrics[0]?.count)
    );
    return counts.every((count) => count > 0);
  }, "a sweep, an acknowledgement and the event loop lag have been measured");

  for (const [type, expected] of Object.entries(FAMILIES)) {
    const names = [...families.values()].filter((family) => family.type === type)
      .map(({ name }) => name).filter((name) => name.startsWith("halley_")).sort();
    assertEquals(names, expected.map((name) => `halley_${name}`));
  }
  for (const { name, help, metrics, type } of families.values()) {
    assertEquals([name, help.length > 5], [name, true]);
    if (type !== "HISTOGRAM") continue;
    for (const { buckets = {}, count } of metrics) {
      const byBound = Object.entries(buckets).map(([bound, value]) =>
        [bound === "+Inf" ? Infinity : Number(bound), Number(value)] as const
      ).sort(([one], [other]) => one - other);
      const values = byBound.map(([, value]) => value);
      assertEquals(values, values.toSorted((one, other) => one - other), name);
      if (count !== undefined) assertEquals(values.at(-1), Number(count), name);
    }
  }
  assertEquals(families.get("halley_parked_polls")?.metrics[0]?.value, "1");
  halley.kill("SIGTERM");
  await waiting;
});

Deno.test("[O40] no metric contains a name, a room or a token", async () => {
  await using halley = await ServerProcess.start({ settings: { STORE: "memory" } });
  const { url } = halley;
  const alice = await (await post(url, "sessions", { displayName: "alice" })).json();
  const { privateToken, publicToken } = alice;
  const poll = { channels: ["room:tea"] };
  await (await post(url, "poll", poll, privateToken)).json();
  await (await post(url, "poll", poll, "nobody's")).body?.cancel();

  const { text } = await metricsOf(url);

  for (const word of [privateToken, publicToken, "alice", "room:tea", "nobody"]) {
    assertEquals(text.includes(word), false, word);
  }
});

Deno.test("[B19] /metrics contains metrics of notices and webhooks if they are enabled", async () => {
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

  const lines = async () => {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    return text.split("\n").filter((line) => /^halley_(notices|webhooks)_/.test(line));
  };

  await waitUntil(
    async () => (await lines()).includes("halley_notices_published_total 1"),
    "the notice is published",
  );

  assertEquals(await lines(), [
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
