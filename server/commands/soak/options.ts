import { parseArguments, parseWholeNumber } from "../arguments.ts";
import { UsageError } from "../command_error.ts";
import { type Fault, FAULT_NAMES, FAULTS } from "./faults.ts";
import { type Auth, AUTHS } from "./users.ts";

/** The arguments of `halley soak`. */
export interface SoakOptions {
  /** The server to test; if `undefined`, the run starts its own. */
  readonly url: URL | undefined;
  /** The executable to start as the run's own server, instead of this one. */
  readonly server: string | undefined;
  /** `STORE` of the run's own server. */
  readonly store: string;
  /** The number of workers of the run's own server. */
  readonly workers: number;
  /** How readers and senders sign in. */
  readonly auth: Auth;
  /** The token of the user that all participants are. */
  readonly token: string | undefined;
  readonly readers: number;
  readonly senders: number;
  /** Messages per second. */
  readonly rate: number;
  /** How long messages are sent, in ms. */
  readonly duration: number;
  readonly faults: readonly Fault[];
  /** The share of requests with a fault, from 0 to 1. */
  readonly share: number;
  readonly seed: number;
  readonly kills: number;
  /** At the end, readers can catch up until nothing has arrived for this time, in ms. */
  readonly patience: number;
  readonly isJson: boolean;
}

/** Printed by `halley soak --help`. */
export const USAGE = `usage: halley soak [options]

Sends and reads messages through a faulty network, and counts how many are lost, duplicated or out
of order, and who stopped reading or sending. The status is 0 if none are and nobody did, 1
otherwise or if the run fails, and 2 if the arguments are invalid.

  --url URL         test the server at this address; without it, soak starts a server, and kills
                    and restarts it
  --server PROGRAM  start this executable as the server, instead of this one
  --store STORE     the setting STORE of soak's own server, such as kv:soak.kv or
                    nats://127.0.0.1:4222 (sqlite:soak.db)
  --workers N       number of workers of soak's own server (1)
  --auth HOW        how to sign in at soak's own server: key (with an API key; the default), jwt
                    (with tokens that expire after seconds), or guest
  --token TOKEN     with --url: all readers and senders are the user of this token, as "halley token
                    jwt" makes it, who may read and write 'room:soak-*'; at most 4 readers
  --readers N       number of readers (20; with --token 4)
  --senders N       number of senders (5; with --token 1)
  --rate R          messages per second of all senders together (100; with --token 5)
  --duration S      how long messages are sent, in seconds (30)
  --faults LIST     all (the default), none, or some of those below, separated by commas
  --share P         percentage of requests with a fault (2)
  --kills N         how often the server is killed or stopped (once every 6 seconds)
  --patience S      at the end, wait until nothing has arrived for S seconds (15)
  --seed K          the same seed makes the same random decisions (random by default)
  --json            print the report as JSON
  --help            print this help

Faults:
${FAULT_NAMES.map((name) => `  ${name.padEnd(12)} ${FAULTS[name]}`).join("\n")}`;

/** Faults that need the run's own server. */
const OWN_SERVER_FAULTS: readonly Fault[] = ["kill", "term", "token", "erase"];

/** The default for `--kills`. */
const SECONDS_PER_KILL = 6;

const OPTIONS = {
  url: { type: "string" },
  server: { type: "string" },
  store: { type: "string" },
  workers: { type: "string", default: "1" },
  auth: { type: "string" },
  token: { type: "string" },
  readers: { type: "string" },
  senders: { type: "string" },
  rate: { type: "string" },
  duration: { type: "string", default: "30" },
  faults: { type: "string", default: "all" },
  share: { type: "string", default: "2" },
  kills: { type: "string" },
  patience: { type: "string", default: "15" },
  seed: { type: "string" },
  json: { type: "boolean", default: false },
} as const;

/** The defaults for many users, and for one, who has the rate limits and the tabs of one session. */
const MANY = { readers: "20", senders: "5", rate: "100", maxReaders: 10_000 } as const;
const ONE = { readers: "4", senders: "1", rate: "5", maxReaders: 4 } as const;

/** Throws a `UsageError`. */
export function parseSoakOptions(args: readonly string[]): SoakOptions {
  const { values, positionals } = parseArguments(args, OPTIONS);
  if (positionals.length > 0) throw new UsageError(`Unknown argument "${positionals[0]}"`);
  const { url, server, token, json } = values;
  if (token !== undefined && url === undefined) throw new UsageError("--token needs --url");
  if (url !== undefined && server !== undefined) {
    throw new UsageError("Use either --url or --server");
  }
  if (url !== undefined && values.store !== undefined) {
    throw new UsageError("--store cannot be used with --url: it is of the run's own server");
  }
  if (url !== undefined && values.kills !== undefined) {
    throw new UsageError("--kills cannot be used with --url: only the run's own server is killed");
  }
  if (url !== undefined && values.auth !== undefined) {
    throw new UsageError(
      "--auth cannot be used with --url: all participants are guests there, or the user of --token",
    );
  }
  const defaults = token === undefined ? MANY : ONE;
  const { readers = defaults.readers, senders = defaults.senders, rate = defaults.rate } = values;
  const seconds = parseWholeNumber("duration", values.duration, { min: 1, max: 1_000_000 });
  const faults = parseFaults(values.faults).filter((kind) =>
    url === undefined || !OWN_SERVER_FAULTS.includes(kind)
  );
  const isKilling = faults.includes("kill") || faults.includes("term");
  const kills = values.kills ?? String(isKilling ? Math.ceil(seconds / SECONDS_PER_KILL) : 0);
  const randomSeed = String(Math.floor(Math.random() * 1_000_000));
  return {
    url: url === undefined ? undefined : parseUrl(url),
    server,
    store: values.store ?? "sqlite:soak.db",
    workers: parseWholeNumber("workers", values.workers, { min: 1, max: 64 }),
    auth: url === undefined ? parseAuth(values.auth ?? "key") : "guest",
    token,
    readers: parseWholeNumber("readers", readers, { min: 1, max: defaults.maxReaders }),
    senders: parseWholeNumber("senders", senders, { min: 1, max: 1_000 }),
    rate: parseWholeNumber("rate", rate, { min: 1, max: 100_000 }),
    duration: seconds * 1_000,
    faults,
    share: parseWholeNumber("share", values.share, { min: 0, max: 100 }) / 100,
    seed: parseWholeNumber("seed", values.seed ?? randomSeed, { min: 0, max: 1e15 }),
    kills: isKilling ? parseWholeNumber("kills", kills, { min: 0, max: 10_000 }) : 0,
    patience: parseWholeNumber("patience", values.patience, { min: 1, max: 600 }) * 1_000,
    isJson: json,
  };
}

function parseUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(
      `--url is "${text}"; allowed: URLs that start with http:// or https://`,
    );
  }
  return url;
}

function parseAuth(word: string): Auth {
  const auth = AUTHS.find((one) => one === word);
  if (auth === undefined) {
    throw new UsageError(`--auth is "${word}"; allowed: ${AUTHS.join(", ")}`);
  }
  return auth;
}

function parseFaults(list: string): readonly Fault[] {
  if (list === "all") return FAULT_NAMES;
  if (list === "none") return [];
  const words = list.split(",");
  const unknown = words.filter((word) => !FAULT_NAMES.some((name) => name === word));
  if (unknown.length > 0) {
    const allowed = `all, none, or some of ${FAULT_NAMES.join(", ")}`;
    throw new UsageError(`--faults contains "${unknown.join(", ")}"; allowed: ${allowed}`);
  }
  return FAULT_NAMES.filter((name) => words.includes(name));
}
