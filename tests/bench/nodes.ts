/**
 * `deno task bench --nodes`: measures 6,000 readers on one, two and three nodes with one NATS server, and the CPU time that
 * a message costs a node without readers.
 *
 * All processes share this machine's CPUs: compare the CPU per delivery, not the rates.
 *
 * @module
 */

import { NatsCluster } from "../nodes/nats_cluster.ts";
import { NodeGroup } from "../nodes/node_group.ts";
import { Readers } from "./load/readers.ts";
import { Latencies } from "./load/latencies.ts";
import { numbered, Sender } from "./load/sender.ts";
import { signIn } from "./load/sign_in.ts";
import { SocketLoop } from "./load/socket_loop.ts";
import { cpuSeconds } from "./process_usage.ts";
import { formatNumber } from "./table.ts";

const ROOM = "room:tea";
const READERS = 6_000;
const WARM_UP = 5;
const WAVES = 20;
const APPENDS = 5_000;
const SENDERS = 32;
const TIMEOUT = 60_000;

/** A connection to a node, and its process. */
interface Node {
  readonly loop: SocketLoop;
  readonly pid: number;
}

/** Measures 1, 2 and 3 nodes, and prints a table. */
export async function measureNodes(): Promise<void> {
  console.log(
    "nodes  p50 ms  p99 ms  CPU of each node, µs/delivery  of all  µs/message without readers",
  );
  for (const count of [1, 2, 3]) {
    await using cluster = await NatsCluster.start(1);
    await using group = await NodeGroup.start(count, { STORE: cluster.store });
    using opened = new DisposableStack();
    const nodes = group.nodes.map(({ url, pid }) => {
      const loop = opened.use(new SocketLoop(Number(new URL(url).port)));
      return { loop, pid };
    });
    const appends = costOfAppends(nodes);
    const { p50, p99, costs } = costOfDeliveries(nodes);
    const each = costs.map((cost) => cost.toFixed(1)).join(", ");
    const all = costs.reduce((one, other) => one + other) / count;
    console.log(
      `${String(count).padStart(5)}  ${p50.toFixed(0).padStart(6)}  ${p99.toFixed(0).padStart(6)}` +
        `  ${each.padStart(30)}  ${all.toFixed(1).padStart(6)}  ${
          appends.map(formatNumber).join(", ")
        }`,
    );
  }
}

/** The CPU time (µs) that each node spends on a message without readers. All are sent to the first node. */
function costOfAppends(nodes: readonly Node[]): readonly number[] {
  const { loop } = nodes[0]!;
  let [sent, acknowledged] = [0, 0];
  const sessions = signIn(loop, SENDERS);
  const send = (sender: Sender) => {
    if (sent < APPENDS) sender.send(numbered("room:milk", sent++));
  };
  const senders = sessions.map(({ privateToken }) => {
    const sender: Sender = new Sender(loop, privateToken, () => {
      acknowledged++;
      send(sender);
    });
    return sender;
  });
  const before = nodes.map(({ pid }) => cpuSeconds(pid));
  for (const sender of senders) send(sender);
  loop.runUntil(() => acknowledged >= APPENDS, TIMEOUT, "sending without readers");
  return nodes.map(({ pid }, n) => (cpuSeconds(pid) - before[n]!) * 1e6 / APPENDS);
}

/** Sends messages in sequence to readers that are distributed evenly over the nodes. */
function costOfDeliveries(nodes: readonly Node[]) {
  const each = READERS / nodes.length;
  const sentAt: number[] = [];
  let latencies = new Latencies();
  const onDelivery = (_: number, number: number) =>
    latencies.add(performance.now() - sentAt[number]!);
  const groups = nodes.map(({ loop }) =>
    new Readers(loop, signIn(loop, each), { channels: [ROOM], onDelivery })
  );
  const { loop } = nodes[0]!;
  const sender = new Sender(loop, signIn(loop, 1)[0]!.privateToken);
  const wait = (milliseconds: number) => {
    const end = performance.now() + milliseconds;
    while (performance.now() < end) for (const { loop } of nodes) loop.runFor(0.2);
  };
  const delivered = () => groups.reduce((sum, { deliveries }) => sum + deliveries, 0);
  const wave = () => {
    sentAt.push(performance.now());
    sender.send(numbered(ROOM, sentAt.length - 1));
    const end = performance.now() + TIMEOUT;
    while (delivered() < sentAt.length * READERS) {
      for (const { loop } of nodes) loop.runFor(0.2);
      if (performance.now() > end) throw new Error(`Only ${delivered()} messages were delivered`);
    }
    wait(300);
  };
  wait(500);
  for (let n = 0; n < WARM_UP; n++) wave();
  latencies = new Latencies();
  const before = nodes.map(({ pid }) => cpuSeconds(pid));
  for (let n = 0; n < WAVES; n++) wave();
  const costs = nodes.map(({ pid }, n) => (cpuSeconds(pid) - before[n]!) * 1e6 / (WAVES * each));
  return { p50: latencies.quantile(0.5), p99: latencies.quantile(0.99), costs };
}
