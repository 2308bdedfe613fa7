import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import { join } from "node:path";
import { prove } from "../soak/support/prove.ts";
import { TestFolder } from "../support/test_folder.ts";
import { killRepeatedly, type Restartable } from "./kill_repeatedly.ts";
import { isInstalled } from "./restartable_process.ts";
import { HAS_NATS, NATS_SERVER, NatsCluster, NEWEST_NATS_SERVER } from "./nats_cluster.ts";
import { NodeGroup } from "./node_group.ts";
import { RoundRobin } from "./round_robin.ts";

const hasHaproxy = await isInstalled("haproxy", "Several nodes behind a proxy were");

/** How long messages are sent, in seconds. */
const SECONDS = Deno.env.get("HALLEY_LONG") === "1" ? 60 : 12;

Deno.test({
  name: "[F9] no message is lost while three nodes and three NATS servers are killed in turn",
  ignore: !hasHaproxy || !HAS_NATS,
  fn: async () => {
    // After kills, the servers of 2.9 can disagree on the numbers of messages.
    await using cluster = await NatsCluster.start(3, () => NEWEST_NATS_SERVER ?? NATS_SERVER);
    const settings = { STORE: cluster.store, NATS_REPLICAS: "3" };
    await using group = await NodeGroup.start(3, settings);

    await soak(group, async (round) => {
      if (round % 2 === 0) return group.nodes[round / 2 % 3]!;
      // Every second time, kills the leader of the log.
      return cluster.servers[await cluster.leader("HALLEY") ?? round % 3]!;
    });
  },
});

Deno.test({
  name: "[F9] no message is lost while two nodes with one Deno KV database are killed in turn",
  ignore: !hasHaproxy,
  fn: async () => {
    using folder = TestFolder.make();
    await using group = await NodeGroup.start(2, { STORE: `kv:${join(folder.path, "halley.kv")}` });

    await soak(group, (round) => Promise.resolve(group.nodes[round % 2]!));
  },
});

/** Proves that nothing is lost, duplicated or reordered behind a proxy while processes are killed. */
async function soak(
  group: NodeGroup,
  next: (round: number) => Promise<Restartable>,
): Promise<void> {
  await using proxy = await RoundRobin.start(group.urls);
  const end = new AbortController();
  const killing = killRepeatedly(next, { interval: 2_500, signal: end.signal });
  // The kills end with the sending, so that readers can catch up.
  const timer = setTimeout(() => end.abort(), SECONDS * 1_000);
  const args = ["--readers", "20", "--senders", "5", "--rate", "50", "--share", "2"];

  const { code, stderr, report } = await prove(
    ...["--url", proxy.url, "--duration", String(SECONDS), "--patience", "30", "--json", ...args],
  ).finally(() => {
    clearTimeout(timer);
    end.abort();
  });
  const kills = await killing;

  const { lost, duplicated, outOfOrder, outdated } = report;
  assertEquals({ code, lost, duplicated, outOfOrder, outdated }, {
    code: 0,
    lost: 0,
    duplicated: 0,
    outOfOrder: 0,
    outdated: 0,
  }, stderr);
  assertGreaterOrEqual(report.changed, 5);
  assertGreaterOrEqual(report.acknowledged, 50);
  assertGreaterOrEqual(kills, 1);
  const { acknowledged, changed, delivered } = report;
  const counts = `${acknowledged} acknowledged, ${changed} changed, ${delivered} delivered`;
  console.error(`${kills} were killed; ${counts}`);
}
