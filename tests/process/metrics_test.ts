import { assertEquals } from "@std/assert";
import { waitUntil } from "../support/wait_until.ts";
import { readFamilies } from "../support/prometheus.ts";
import { ServerProcess } from "../support/server_process.ts";

/** What a server tells without notices and webhooks, by its type. */
const FAMILIES: Record<string, readonly string[]> = {
  COUNTER: [
    "deliveries_total",
    "gaps_total",
    "limited_total",
    "messages_total",
    "polls_abandoned_total",
    "polls_total",
    "refusals_total",
  ],
  GAUGE: [
    "heap_used_bytes",
    "parked_polls",
    "people_present",
    "rooms_read",
    "sessions",
    "store_up",
    "window_bytes",
  ],
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

Deno.test("[O40] a program that reads Prometheus' format finds every figure, and buckets that add up", async () => {
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
  }, "a sweep, an acknowledgement and a look at the event loop");

  for (const [type, names] of Object.entries(FAMILIES)) {
    const told = [...families.values()].filter((family) => family.type === type)
      .map(({ name }) => name).filter((name) => name.startsWith("halley_")).sort();
    assertEquals(told, names.map((name) => `halley_${name}`));
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

Deno.test("[O40] no figure names a person, a room or a token", async () => {
  await using halley = await ServerProcess.start({ settings: { STORE: "memory" } });
  const { url } = halley;
  const alice = await (await post(url, "sessions", { displayName: "alice" })).json();
  const { privateToken, publicToken } = alice;
  const asked = { channels: ["room:tea"] };
  await (await post(url, "poll", asked, privateToken)).json();
  await (await post(url, "poll", asked, "nobody's")).body?.cancel();

  const { text } = await metricsOf(url);

  for (const word of [privateToken, publicToken, "alice", "room:tea", "nobody"]) {
    assertEquals(text.includes(word), false, word);
  }
});
