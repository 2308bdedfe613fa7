/**
 * Measures each store alone, without HTTP: durable appends, and the latency of a message to another node.
 *
 * @module
 */

import { join } from "node:path";
import { readConfig } from "../../server/config/config.ts";
import type { Store } from "../../server/core/model/store.ts";
import { openStore } from "../../server/stores/open_store.ts";
import { isInstalled } from "../nodes/restartable_process.ts";
import { NatsCluster } from "../nodes/nats_cluster.ts";
import { KEEP_ALL } from "../support/retention.ts";
import { TestFolder } from "../support/test_folder.ts";
import { formatNumber } from "./table.ts";

/** The measurements of one store. */
export interface StoreMetrics {
  readonly name: string;
  /** Durable appends per second, of 64 senders in a closed loop. */
  readonly appends: number;
  /** From the call of `append` on one node to the follower on another, in ms, with one message at a time. */
  readonly p50: number;
  readonly p99: number;
}

const SENDERS = 64;
const DURATION = 2_000;
const MESSAGES = 300;
const TEXT = "0123456789".repeat(20);

/** Measures all stores that are available on this machine. */
export async function measureStores(): Promise<readonly StoreMetrics[]> {
  using files = TestFolder.make();
  const folder = files.path;
  const metrics = [
    await measureStore("memory (one process)", "memory"),
    await measureStore("SQLite (one process)", `sqlite:${join(folder, "bench.db")}`),
    await measureStore("Deno KV (two instances)", `kv:${join(folder, "bench.kv")}`),
  ];
  if (!await isInstalled("nats-server", "The store on NATS was")) return metrics;
  for (const size of [1, 3]) {
    await using cluster = await NatsCluster.start(size);
    const name = size === 1 ? "NATS (one server)" : `NATS (${size} servers, ${size} replicas)`;
    metrics.push(await measureStore(name, cluster.store, size));
  }
  return metrics;
}

/** Formats the measurements as a table, with the ratio to SQLite. */
export function formatStores(metrics: readonly StoreMetrics[]): string {
  const reference = metrics.find(({ name }) => name.startsWith("SQLite"));
  const rows = metrics.map(({ name, appends, p50, p99 }) => [
    name,
    formatNumber(appends),
    (appends / (reference?.appends ?? NaN)).toFixed(2),
    p50.toFixed(2),
    p99.toFixed(2),
  ]);
  const head = ["store alone", "appends/s", "to SQLite", "to another node: p50 ms", "p99 ms"];
  const widths = head.map((_, n) => Math.max(...[head, ...rows].map((row) => row[n]!.length)));
  return [head, ...rows].map((row) =>
    row.map((cell, n) => n === 0 ? cell.padEnd(widths[n]!) : cell.padStart(widths[n]!)).join("  ")
  ).join("\n");
}

async function measureStore(name: string, place: string, replicas = 1): Promise<StoreMetrics> {
  const settings = { STORE: place, NATS_REPLICAS: String(replicas) };
  const { store: setting } = readConfig(settings);
  await using left = await openStore(setting, KEEP_ALL);
  // A store that only one process can open is measured with one node.
  const isShared = setting.kind === "kv" || setting.kind === "nats";
  await using right = isShared ? await openStore(setting, KEEP_ALL) : undefined;
  const appends = await rateOf(left);
  const latencies = await latenciesOf(left, right ?? left);
  const at = (share: number) => latencies[Math.floor(share * (latencies.length - 1))] ?? NaN;
  return { name, appends, p50: at(0.5), p99: at(0.99) };
}

async function rateOf({ log }: Store): Promise<number> {
  const end = performance.now() + DURATION;
  let count = 0;
  const send = async () => {
    while (performance.now() < end) {
      await log.append([{ channel: "room:tea", text: TEXT }]);
      count++;
    }
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: SENDERS }, send));
  return count * 1_000 / (performance.now() - start);
}

async function latenciesOf(left: Store, right: Store): Promise<readonly number[]> {
  let arrived: (() => void) | undefined;
  using _ = await right.log.follow(await left.log.newestId(), () => arrived?.());
  const latencies: number[] = [];
  for (let n = 0; n < MESSAGES; n++) {
    const { promise, resolve } = Promise.withResolvers<void>();
    arrived = resolve;
    const start = performance.now();
    await Promise.all([left.log.append([{ channel: "room:tea", text: TEXT }]), promise]);
    latencies.push(performance.now() - start);
  }
  return latencies.toSorted((one, other) => one - other);
}
