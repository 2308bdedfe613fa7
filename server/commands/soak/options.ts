import { parseArgs } from "node:util";
import { type Fault, FAULT_NAMES, FAULTS } from "./faults.ts";

/** What a run is to be. */
export interface SoakOptions {
  /** The server to be tried; without it, the run starts its own. */
  readonly url: URL | undefined;
  /** The executable to be started as the run's own server, in the place of this one. */
  readonly server: string | undefined;
  readonly readers: number;
  readonly senders: number;
  /** Messages per second. */
  readonly rate: number;
  /** How long messages are sent, in ms. */
  readonly duration: number;
  readonly faults: readonly Fault[];
  /** The share of requests that suffer one, from 0 to 1. */
  readonly share: number;
  readonly seed: number;
  readonly kills: number;
  /** When nobody sends any more, readers get time until nothing has come for so long, in ms. */
  readonly patience: number;
  readonly isJson: boolean;
}

/** The arguments cannot be used; the message says which and why. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** How the prover is called. */
export const USAGE = `usage: halley soak [options]

Reads and sends through a bad network, and counts what is lost, duplicated or out of order.
The status is 0 if nothing is, 1 if something is, and 2 if it was called wrongly.

  --url URL         try the server there; without it a server is started, killed and
                    started again
  --server PROGRAM  start that executable, instead of this one
  --readers N       how many read (20)
  --senders N       how many send (5)
  --rate R          messages per second of all senders together (100)
  --duration S      for how many seconds (30)
  --faults LIST     all (the default), none, or some of those below, with commas between
  --share P         how many percent of the requests suffer a fault (2)
  --kills N         how often the server is killed or stopped (once in 6 seconds)
  --patience S      at the end, wait until nothing has come for so many seconds (15)
  --seed K          the same seed makes the same decisions (a random one)
  --json            print the result as JSON
  --help            print this

Faults:
${FAULT_NAMES.map((name) => `  ${name.padEnd(12)} ${FAULTS[name]}`).join("\n")}`;

/** Faults that need a server of the run's own. */
const KILLING: readonly Fault[] = ["kill", "term"];

/** Without another wish, the server is ended once in so many seconds. */
const SECONDS_PER_KILL = 6;

const WORDS = {
  url: { type: "string" },
  server: { type: "string" },
  readers: { type: "string", default: "20" },
  senders: { type: "string", default: "5" },
  rate: { type: "string", default: "100" },
  duration: { type: "string", default: "30" },
  faults: { type: "string", default: "all" },
  share: { type: "string", default: "2" },
  kills: { type: "string" },
  patience: { type: "string", default: "15" },
  seed: { type: "string" },
  json: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

/** Reads the arguments; `undefined` when they ask for help. Throws a {@linkcode UsageError}. */
export function parseOptions(args: readonly string[]): SoakOptions | undefined {
  const values = parseWords(args);
  if (values.help) return undefined;
  const { url, server, json } = values;
  if (url !== undefined && server !== undefined) {
    throw new UsageError("--url and --server cannot be used together");
  }
  if (url !== undefined && values.kills !== undefined) {
    throw new UsageError("--kills cannot be used with --url: only a server of its own is killed");
  }
  const seconds = wholeNumber("duration", values.duration, { least: 1, most: 1_000_000 });
  const faults = parseFaults(values.faults).filter((kind) =>
    url === undefined || !KILLING.includes(kind)
  );
  const isKilling = KILLING.some((kind) => faults.includes(kind));
  const kills = values.kills ?? String(isKilling ? Math.ceil(seconds / SECONDS_PER_KILL) : 0);
  const randomSeed = String(Math.floor(Math.random() * 1_000_000));
  return {
    url: url === undefined ? undefined : parseUrl(url),
    server,
    readers: wholeNumber("readers", values.readers, { least: 1, most: 10_000 }),
    senders: wholeNumber("senders", values.senders, { least: 1, most: 1_000 }),
    rate: wholeNumber("rate", values.rate, { least: 1, most: 100_000 }),
    duration: seconds * 1_000,
    faults,
    share: wholeNumber("share", values.share, { least: 0, most: 100 }) / 100,
    seed: wholeNumber("seed", values.seed ?? randomSeed, { least: 0, most: 1e15 }),
    kills: isKilling ? wholeNumber("kills", kills, { least: 0, most: 10_000 }) : 0,
    patience: wholeNumber("patience", values.patience, { least: 1, most: 600 }) * 1_000,
    isJson: json,
  };
}

function parseWords(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: WORDS }).values;
  } catch (error) {
    // What node:util says of unknown options and missing values can be read.
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function parseUrl(word: string): URL {
  const url = URL.parse(word);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(`--url is "${word}"; allowed: addresses that begin with http or https`);
  }
  return url;
}

function parseFaults(list: string): readonly Fault[] {
  if (list === "all") return FAULT_NAMES;
  if (list === "none") return [];
  const words = list.split(",");
  const unknown = words.filter((word) => !FAULT_NAMES.some((name) => name === word));
  if (unknown.length > 0) {
    const allowed = `all, none, or some of ${FAULT_NAMES.join(", ")}`;
    throw new UsageError(`--faults has "${unknown.join(", ")}"; allowed: ${allowed}`);
  }
  return FAULT_NAMES.filter((name) => words.includes(name));
}

function wholeNumber(
  name: string,
  word: string,
  { least, most }: { readonly least: number; readonly most: number },
): number {
  const value = /^[0-9]{1,15}$/.test(word) ? Number(word) : NaN;
  if (value >= least && value <= most) return value;
  throw new UsageError(`--${name} is "${word}"; allowed: whole numbers from ${least} to ${most}`);
}
