import { parseArgs } from "node:util";
import { type PeerName, PEERS } from "./peers.ts";

/** The command line options. */
export interface DeliveryOptions {
  readonly peers: readonly PeerName[];
  readonly readers: number;
  readonly rate: number;
  /** The length of each of the two rounds, in ms. */
  readonly duration: number;
  readonly seed: number;
  /** How many servers are measured at the same time. */
  readonly jobs: number;
  /** The file for the report, in Markdown. */
  readonly report: string | undefined;
}

/** Printed by `--help`. */
export const USAGE = `deno task bench:delivery [options]

Sends messages to readers through networks that fail, with Halley and with other servers, each with
its own client, and counts how many arrive. There are two rounds: one with network faults, and one
in which the server is restarted, too. Needs Node.js and npm, which installs the others in a
temporary folder; Nchan needs nginx with libnginx-mod-nchan, and two of them need redis-server.

  --only <a,b>      only these: ${Object.keys(PEERS).join(", ")}
  --minutes <m>     the length of both rounds together (2)
  --quick           20 seconds and 10 readers
  --readers <n>     number of readers (50)
  --rate <r>        messages per second (5)
  --seed <k>        the same seed makes the same faults at the same times (1)
  --jobs <n>        measure n servers at the same time (1)
  --report <file>   write the report as Markdown
  --help            print this help`;

/** Parses the command line. Returns `undefined` for `--help`. Throws if it is invalid. */
export function parseOptions(args: readonly string[]): DeliveryOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string" },
      minutes: { type: "string" },
      quick: { type: "boolean", default: false },
      readers: { type: "string" },
      rate: { type: "string", default: "5" },
      seed: { type: "string", default: "1" },
      jobs: { type: "string", default: "1" },
      report: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help) return undefined;
  const { quick, only, rate, seed, jobs, report } = values;
  const minutes = parseNumber("minutes", values.minutes ?? (quick ? "0.333" : "2"));
  return {
    peers: parsePeers(only),
    readers: Math.ceil(parseNumber("readers", values.readers ?? (quick ? "10" : "50"))),
    rate: parseNumber("rate", rate),
    duration: Math.round(minutes * 30_000),
    seed: Math.floor(parseNumber("seed", seed)),
    jobs: Math.ceil(parseNumber("jobs", jobs)),
    report,
  };
}

function parseNumber(name: string, text: string): number {
  const number = Number(text);
  if (number > 0 && number <= 1_000_000) return number;
  throw new Error(`--${name} is "${text}"; allowed: numbers above 0, up to 1,000,000`);
}

function parsePeers(list: string | undefined): readonly PeerName[] {
  const names: PeerName[] = [];
  const wanted = list?.split(",");
  for (const name of wanted ?? []) {
    if (!Object.hasOwn(PEERS, name)) {
      throw new Error(`--only names "${name}"; allowed: ${Object.keys(PEERS).join(", ")}`);
    }
  }
  for (const name in PEERS) {
    if (isPeer(name) && (wanted?.includes(name) ?? true)) names.push(name);
  }
  return names;
}

function isPeer(name: string): name is PeerName {
  return Object.hasOwn(PEERS, name);
}
