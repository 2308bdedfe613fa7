/**
 * `deno run tests/bench/division.ts`: simulates the load of a deployment whose log is divided into several.
 *
 * It assigns spaces of very different sizes to logs and nodes, and adds up the work of each, with measured costs
 * (docs/SCALING.md).
 *
 * @module
 */

/** CPU time of a node in microseconds, and the maximum rate of a log. */
const COST = { follow: 52, reply: 63, poll: 51 } as const;
const APPENDS_PER_LOG = 12_000;

/** The load: number of readers, messages per second, readers per message, and hold of polls in seconds. */
const LOAD = { readers: 1_000_000, messages: 10_000, fanOut: 10, hold: 50 } as const;

/** Number of spaces. The n-th largest has 1/n of the users of the largest. */
const SPACES = 10_000;

const NODES = 24;

/** A space: its users read and write only within it. */
interface Space {
  readonly name: number;
  /** Its share of the whole load. */
  readonly share: number;
}

/** How a deployment is divided. */
interface Division {
  readonly logs: number;
  /** Whether the readers of a log are on as few nodes as possible. */
  readonly isTogether: boolean;
}

/** The utilization of the busiest log and node. */
interface Outcome extends Division {
  readonly busiestLog: number;
  readonly busiestNode: number;
  /** The share of the busiest node's work that is following logs. */
  readonly following: number;
  /** Maximum number of messages per second. */
  readonly maxRate: number;
}

function spaces(): readonly Space[] {
  const weights = Array.from({ length: SPACES }, (_, n) => 1 / (n + 1));
  const sum = weights.reduce((one, other) => one + other);
  return weights.map((weight, name) => ({ name, share: weight / sum }));
}

/** A deterministic hash (the finalizer of MurmurHash3). */
function hash(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ h >>> 16, 0x85ebca6b);
  h = Math.imul(h ^ h >>> 13, 0xc2b2ae35);
  return (h ^ h >>> 16) >>> 0;
}

/** Assigns the spaces to logs. Returns the share of the whole load of each log. */
function assignToLogs(logs: number): readonly number[] {
  const shares = Array<number>(logs).fill(0);
  for (const { name, share } of spaces()) shares[hash(name) % logs]! += share;
  return shares;
}

function simulate(division: Division): Outcome {
  const { logs, isTogether } = division;
  const { readers, messages, fanOut, hold } = LOAD;
  const serving = (messages * fanOut * COST.reply + readers / hold * COST.poll) / 1e6;
  const shares = assignToLogs(logs);
  const nodes = Array.from({ length: NODES }, () => ({ load: 0, following: 0 }));
  // The largest first, each to the least busy nodes: as many as its readers need, at least two.
  for (const share of shares.toSorted((one, other) => other - one)) {
    const count = isTogether ? Math.min(NODES, Math.max(2, Math.ceil(share * NODES))) : NODES;
    const following = share * messages * COST.follow / 1e6;
    for (const node of nodes.toSorted((one, other) => one.load - other.load).slice(0, count)) {
      node.following += following;
      node.load += following + serving * share / count;
    }
  }
  const [busiest = { load: 0, following: 0 }] = nodes.toSorted((a, b) => b.load - a.load);
  const busiestLog = Math.max(...shares) * messages / APPENDS_PER_LOG;
  return {
    ...division,
    busiestLog,
    busiestNode: busiest.load,
    following: busiest.following / busiest.load,
    maxRate: messages / Math.max(busiestLog, busiest.load),
  };
}

function row({ logs, isTogether, busiestLog, busiestNode, following, maxRate }: Outcome): string {
  const percent = (share: number) => `${Math.round(share * 100)} %`.padStart(7);
  const where = isTogether ? "together" : "anywhere";
  const rate = Math.round(maxRate).toLocaleString("en").padStart(10);
  return `${String(logs).padStart(4)}  ${where}  ${percent(busiestLog)}  ${percent(busiestNode)}` +
    `  ${percent(following)}  ${rate}`;
}

console.log(
  `${LOAD.readers.toLocaleString("en")} parked polls on ${NODES} nodes of one core each, ` +
    `${LOAD.messages.toLocaleString("en")} messages/s with ${LOAD.fanOut} readers each\n\n` +
    "logs  readers   busiest   busiest  of that   messages/s\n" +
    "                    log      node  following  at the limit",
);
for (const isTogether of [false, true]) {
  for (const logs of [1, 4, 16, 64, 256]) console.log(row(simulate({ logs, isTogether })));
}
