import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import { join } from "node:path";
import { prove } from "../soak/support/prove.ts";
import { TestFolder } from "../support/test_folder.ts";
import { type Mortal, strike } from "./chaos.ts";
import { isInstalled } from "./mortal_process.ts";
import { NatsCluster } from "./nats_cluster.ts";
import { NodeGroup } from "./node_group.ts";
import { RoundRobin } from "./round_robin.ts";

/** For how many seconds people talk. */
const SECONDS = Deno.env.get("HALLEY_LONG") === "1" ? 60 : 12;

Deno.test(`[F9] three nodes, three NATS servers: one of the six is killed every few seconds, and nothing is lost`, async () => {
  if (!await isInstalled("nats-server", "Several nodes over NATS were")) return;
  if (!await isInstalled("haproxy", "Several nodes behind a proxy were")) return;
  await using cluster = await NatsCluster.start();
  const settings = { STORE: cluster.store, NATS_REPLICAS: "3" };
  await using group = await NodeGroup.start(3, settings);

  await soak(group, async (round) => {
    if (round % 2 === 0) return group.nodes[round / 2 % 3]!;
    // Every other time the leader of the log.
    return cluster.servers[await cluster.leader("HALLEY") ?? round % 3]!;
  });
});

Deno.test("[F9] two nodes over one Deno KV: one is killed every few seconds, and nothing is lost", async () => {
  if (!await isInstalled("haproxy", "Several nodes behind a proxy were")) return;
  using folder = TestFolder.make();
  await using group = await NodeGroup.start(2, { STORE: `kv:${join(folder.path, "halley.kv")}` });

  await soak(group, (round) => Promise.resolve(group.nodes[round % 2]!));
});

/** People talk through a proxy while `victims` die; all that was acknowledged must come, once and in order. */
async function soak(
  group: NodeGroup,
  victims: (round: number) => Promise<Mortal>,
): Promise<void> {
  await using proxy = await RoundRobin.start(group.urls);
  const over = new AbortController();
  const striking = strike(victims, { pause: 2_500, over: over.signal });
  // Who is behind catches up when nobody is killed any more.
  const calm = setTimeout(() => over.abort(), SECONDS * 1_000);
  const args = ["--readers", "20", "--senders", "5", "--rate", "50", "--share", "2"];

  const { code, stderr, result } = await prove(
    ...["--url", proxy.url, "--duration", String(SECONDS), "--patience", "30", "--json", ...args],
  ).finally(() => {
    clearTimeout(calm);
    over.abort();
  });
  const kills = await striking;

  const { lost, duplicated, outOfOrder } = result;
  assertEquals({ code, lost, duplicated, outOfOrder }, {
    code: 0,
    lost: 0,
    duplicated: 0,
    outOfOrder: 0,
  }, stderr);
  assertGreaterOrEqual(result.acknowledged, 50);
  assertGreaterOrEqual(kills, 1);
  const { acknowledged, delivered } = result;
  console.error(`${kills} were killed; ${acknowledged} acknowledged, ${delivered} delivered`);
}
