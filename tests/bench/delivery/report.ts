import halley from "../../../deno.json" with { type: "json" };
import type { DeliveryOptions } from "./options.ts";
import { type Peer, type PeerName, PEERS } from "./peers.ts";
import { NETWORK_FAULTS, networkFaults, restarts } from "./schedule.ts";
import type { Tally } from "./tally.ts";

/** The rounds, in order. */
export const ROUNDS = {
  network: "Network faults",
  restarts: "Network faults and restarts of the server",
} as const;

/** A round of all servers. */
export type RoundName = keyof typeof ROUNDS;

/** A server's result in a round: the tally, or why there is none. */
export interface Result {
  readonly peer: PeerName;
  readonly round: RoundName;
  readonly outcome: Tally | string;
}

const HEAD = [
  "server",
  "sent",
  "delivered",
  "lost",
  "told",
  "disconnect only",
  "silently",
  "duplicated",
  "out of order",
  "stopped",
  "p50",
  "p99",
] as const;

/** What the columns mean, for the report. */
const COLUMNS = `\
- \`sent\`: messages that the server has acknowledged. \`delivered\`: the share of those that arrived
  at a reader, over all readers; \`lost\`: the others.
- Of those lost, \`told\`: before the next message, client or server reported that messages may be
  missing. \`disconnect only\`: the client reported that the connection had failed, as it also does
  when nothing is lost. \`silently\`: nothing was reported.
- \`stopped\`: readers that did not get the last message, sent when all faults were over.
- \`p50\`, \`p99\`: from sending to the first arrival, of those delivered, waits for the network
  included. What is lost has no latency.`;

/** Formats everything as Markdown, tables without alignment: `deno fmt` aligns them. */
export function formatReport(results: readonly Result[], options: DeliveryOptions): string {
  const { peers, duration, seed } = options;
  return [
    "# Delivery beside other servers",
    table(["", ""], describe(options)),
    COLUMNS,
    ...roundNames().flatMap((round) => [
      `## ${ROUNDS[round]}`,
      formatRound(results, round),
      ...results.filter((one) => one.round === round && typeof one.outcome === "string").map((
        { peer, outcome },
      ) => `${PEERS[peer].title}: ${outcome}`),
    ]),
    "## Settings and promises",
    table(
      ["server", "packages", "settings", "promise"],
      peers.map((name) => settingsOf(PEERS[name])),
    ),
    "## Faults",
    table(
      ["fault", "times", "effect"],
      [
        ...Object.entries(NETWORK_FAULTS).map(([kind, effect]) => [
          kind,
          String(count(options, (fault) => fault.kind === kind)),
          effect,
        ]),
        [
          "restart",
          String(restarts(seed, duration).length),
          "in the second round: SIGKILL and SIGTERM in turn, and at once a new start",
        ],
      ],
    ),
  ].join("\n\n") + "\n";
}

/** Formats the results of a round as a table. */
export function formatRound(results: readonly Result[], round: RoundName): string {
  const rows = results.flatMap(({ peer, round: its, outcome }) =>
    its === round && typeof outcome !== "string" ? [cellsOf(PEERS[peer].title, outcome)] : []
  );
  return table(HEAD, rows);
}

/** The names of the rounds, in order. */
export function roundNames(): readonly RoundName[] {
  return ["network", "restarts"];
}

function describe(
  { readers, rate, duration, seed, jobs }: DeliveryOptions,
): readonly (readonly string[])[] {
  const seconds = Math.round(duration / 1_000);
  return [
    ["date", new Date().toISOString().slice(0, 10)],
    [
      "versions",
      `Halley ${halley.version}, Deno ${Deno.version.deno}, clients and servers in Node`,
    ],
    ["readers", `${readers}, each with a network of its own and 20 ms each way`],
    [
      "messages",
      `${rate} per second for ${seconds} s in each round, in one room; sent outside of the faults, each once; ` +
      "sent means acknowledged by the server",
    ],
    ["faults", `seed ${seed}, the same for each server at the same times`],
    [
      "machine",
      `${navigator.hardwareConcurrency} cores, ${jobs} servers measured at the same time`,
    ],
  ];
}

function count(
  { readers, seed, duration }: DeliveryOptions,
  matches: (fault: { readonly kind: string }) => boolean,
): number {
  let sum = 0;
  for (let n = 0; n < readers; n++) sum += networkFaults(seed, n, duration).filter(matches).length;
  return sum;
}

function settingsOf(
  { title, packages, settings, promise, needs, usesRedis }: Peer,
): readonly string[] {
  const names = Object.entries(packages).map(([name, version]) => `${name} ${version}`);
  if (needs === "nginx") names.unshift("nginx with Nchan");
  if (usesRedis) names.push("Redis");
  return [title, names.join(", ") || "none", settings, promise];
}

function cellsOf(title: string, tally: Tally): readonly string[] {
  const { sent, expected, delivered, latencies } = tally;
  const at = (share: number) => latencies[Math.floor((latencies.length - 1) * share)] ?? NaN;
  const numbers = [
    expected - delivered,
    tally.lostTold,
    tally.lostInterrupted,
    tally.lostSilently,
    tally.duplicated,
    tally.outOfOrder,
    tally.stopped,
  ];
  return [
    title,
    sent.toLocaleString("en"),
    percent(delivered / expected),
    ...numbers.map((number) => number.toLocaleString("en")),
    milliseconds(at(0.5)),
    milliseconds(at(0.99)),
  ];
}

/** Rounded down: less than everything is never 100 %. */
function percent(share: number): string {
  return `${(Math.floor(share * 10_000) / 100).toFixed(share === 1 ? 0 : 2)} %`;
}

function milliseconds(ms: number): string {
  if (Number.isNaN(ms)) return "–";
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
