/**
 * `deno task bench:delivery`: how many messages arrive through networks that fail and servers that restart, with Halley and
 * with others. Sources of the faults: `schedule.ts`; the servers and their settings: `peers.ts`.
 *
 * @module
 */

import { abortedBySignal, readOptions } from "../command.ts";
import { errorMessage } from "../../../server/base/error_message.ts";
import { install, missingPrograms } from "./installation.ts";
import { type DeliveryOptions, parseOptions, USAGE } from "./options.ts";
import { type PeerName, PEERS } from "./peers.ts";
import { formatReport, formatRound, type Result, type RoundName, roundNames } from "./report.ts";
import { runRound } from "./round.ts";
import type { Tally } from "./tally.ts";

/** Measures all servers in all rounds. Those that cannot be measured have the reason as their outcome. */
export async function measureDelivery(
  options: DeliveryOptions,
  { installed, stop, onResult }: {
    /** The folder from {@linkcode install}. */
    installed: string;
    stop: AbortSignal;
    onResult?: (result: Result) => void;
  },
): Promise<Result[]> {
  const tasks = roundNames().flatMap((round) => options.peers.map((peer) => ({ peer, round })));
  const results = new Map<typeof tasks[number], Result>();
  const open = [...tasks];
  const work = async () => {
    for (let task = open.shift(); task && !stop.aborted; task = open.shift()) {
      const outcome = await measure(task, { options, installed, stop });
      const result = { ...task, outcome };
      results.set(task, result);
      onResult?.(result);
    }
  };
  await Promise.all(Array.from({ length: options.jobs }, work));
  return tasks.flatMap((task) => results.get(task) ?? []);
}

async function measure(
  { peer: name, round }: { peer: PeerName; round: RoundName },
  { options, installed, stop }: { options: DeliveryOptions; installed: string; stop: AbortSignal },
): Promise<Tally | string> {
  const peer = PEERS[name];
  const missing = missingPrograms(peer);
  if (missing.length > 0) return `not measured: ${missing.join(" and ")} not installed`;
  try {
    return await runRound(peer, {
      ...options,
      hasRestarts: round === "restarts",
      installed,
      stop,
    });
  } catch (error) {
    return `not measured: ${errorMessage(error)}`;
  }
}

async function main(): Promise<void> {
  const options = readOptions(parseOptions, USAGE);
  const onResult = (result: Result) => {
    console.log(formatRound([result], result.round).split("\n").at(-1));
    if (typeof result.outcome === "string") console.log(`${result.peer}: ${result.outcome}`);
  };
  const stop = abortedBySignal();
  const installed = await install(options.peers);
  const results = await measureDelivery(options, { installed, stop, onResult })
    .finally(() => Deno.remove(installed, { recursive: true }));
  stop.throwIfAborted();
  const report = formatReport(results, options);
  console.log(report);
  if (options.report !== undefined) await Deno.writeTextFile(options.report, report);
}

if (import.meta.main) {
  try {
    await main();
    Deno.exit(0);
  } catch (error) {
    console.error(`The benchmark failed: ${errorMessage(error)}`);
    Deno.exit(1);
  }
}
