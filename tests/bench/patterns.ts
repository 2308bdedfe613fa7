/**
 * `deno task bench --patterns`: measures what sends to 10,000 rooms cost with names that no pattern can include, with names
 * below a pattern, and with a reader of that pattern, in turn.
 *
 * @module
 */

import { ServerProcess } from "../support/server_process.ts";
import { Latencies } from "./load/latencies.ts";
import { Readers } from "./load/readers.ts";
import { numbered, Sender } from "./load/sender.ts";
import { signIn } from "./load/sign_in.ts";
import { SocketLoop } from "./load/socket_loop.ts";
import { median } from "./metrics.ts";
import { cpuSeconds } from "./process_usage.ts";

const KEY = "bench-patterns-0123456789abcdef";
const ROUNDS = 5;
const ROOMS = 10_000;
const SENDERS = 16;
const MESSAGES = 20_000;
const TIMEOUT = 120_000;

const CASES = [
  { title: "rooms whose names have no beginning (support…)", prefix: "support", reads: false },
  {
    title: "rooms below a pattern (support-…), without a reader",
    prefix: "support-",
    reads: false,
  },
  { title: "the same with one reader of the pattern", prefix: "support-", reads: true },
] as const;

type Case = (typeof CASES)[number];

interface Cost {
  /** CPU time of the server per message, in µs. */
  readonly cpu: number;
  /** Time from a send to its acknowledgement, in ms. */
  readonly p50: number;
  readonly p99: number;
}

/** Measures the cases in turn, and prints medians. */
export async function measurePatterns(): Promise<void> {
  const costs = CASES.map((): Cost[] => []);
  for (let round = 1; round <= ROUNDS; round++) {
    for (const [n, one] of CASES.entries()) costs[n]!.push(await measureOne(one));
    console.error(`round ${round} of ${ROUNDS}`);
  }
  const medianOf = (n: number, name: keyof Cost) => median(costs[n]!.map((cost) => cost[name]));
  console.log(`${"".padEnd(52)}  CPU µs  ratio  p50 ms  p99 ms`);
  for (const [n, { title }] of CASES.entries()) {
    const cpu = medianOf(n, "cpu");
    const ratio = (cpu / medianOf(0, "cpu")).toFixed(2);
    const [p50, p99] = [medianOf(n, "p50"), medianOf(n, "p99")].map((ms) => ms.toFixed(1));
    console.log(
      `${title.padEnd(52)}  ${cpu.toFixed(0).padStart(6)}  ${ratio.padStart(5)}  ` +
        `${p50!.padStart(6)}  ${p99!.padStart(6)}`,
    );
  }
}

async function measureOne({ prefix, reads }: Case): Promise<Cost> {
  const settings = { LIMITS: "off", LOG_LEVEL: "warn", API_KEYS: `bench:read+patterns:${KEY}` };
  await using server = await ServerProcess.start({ settings });
  using loop = new SocketLoop(Number(new URL(server.url).port));
  let [received, sent, acknowledged] = [0, 0, 0];
  const latencies = new Latencies();
  if (reads) {
    const channels = [`room:${prefix}*`];
    new Readers(loop, [{ privateToken: KEY }], { channels, onDelivery: () => received++ });
  }
  const senders = signIn(loop, SENDERS).map(({ privateToken }) => {
    let sentAt = 0;
    const sender: Sender = new Sender(loop, privateToken, () => {
      acknowledged++;
      latencies.add(performance.now() - sentAt);
      if (sent < MESSAGES) send();
    });
    const send = () => {
      sentAt = performance.now();
      sender.send(numbered(`room:${prefix}${sent % ROOMS}`, sent++));
    };
    return send;
  });
  const before = cpuSeconds(server.pid);
  for (const send of senders) send();
  const isDone = () => acknowledged === MESSAGES && (!reads || received === MESSAGES);
  loop.runUntil(isDone, TIMEOUT, "sending to many rooms");
  const cpu = (cpuSeconds(server.pid) - before) * 1e6 / MESSAGES;
  return { cpu, p50: latencies.quantile(0.5), p99: latencies.quantile(0.99) };
}
