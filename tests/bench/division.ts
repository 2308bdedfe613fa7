/**
 * `deno run tests/bench/division.ts`: what becomes of the load when the one log is divided into several, one per space.
 *
 * A simulation on paper, not a measurement: it deals spaces of very different sizes out to logs and nodes, and adds up
 * what each of them has to do, with the costs that were measured (docs/SCALING.md).
 *
 * @module
 */

/** What one thing costs a node, in microseconds of CPU, and what one log takes in a second. */
const COST = { follow: 52, reply: 63, poll: 51 } as const;
const APPENDS_PER_LOG = 12_000;

/** The load: people who read, messages a second, and how many readers each message has. */
const LOAD = { readers: 1_000_000, messages: 10_000, fanOut: 10, hold: 50 } as const;

/** So many spaces; the n-th largest has 1/n of the people of the largest. */
const SPACES = 10_000;

const NODES = 24;

/** A space: whoever is in it reads and writes nothing else. Shares of the whole load. */
interface Space {
  readonly name: number;
  readonly share: number;
}

/** How a deployment is divided. */
interface Division {
  readonly logs: number;
  /** Whether the readers of a log are together on few nodes, or anywhere. */
  readonly isTogether: boolean;
}

/** The busiest of everything, as a share of what it can do. */
interface Outcome extends Division {
  readonly busiestLog: number;
  readonly busiestNode: number;
  /** How much of the busiest node's work is following logs. */
  readonly following: number;
  /** How many messages a second there may be before something is at its limit. */
  readonly most: number;
}

function spaces(): readonly Space[] {
  const weights = Array.from({ length: SPACES }, (_, n) => 1 / (n + 1));
  const sum = weights.reduce((one, other) => one + other);
  return weights.map((weight, name) => ({ name, share: weight / sum }));
}

/** A whole number that looks random and is the same each time (the finaliser of MurmurHash3). */
function hash(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ h >>> 16, 0x85ebca6b);
  h = Math.imul(h ^ h >>> 13, 0xc2b2ae35);
  return (h ^ h >>> 16) >>> 0;
}

/** A log: the spaces that are written to it, as shares of the whole load. */
function dealOut(logs: number): readonly number[] {
  const shares = Array<number>(logs).fill(0);
  for (const { name, share } of spaces()) shares[hash(name) % logs]! += share;
  return shares;
}

function simulate(division: Division): Outcome {
  const { logs, isTogether } = division;
  const { readers, messages, fanOut, hold } = LOAD;
  const serving = (messages * fanOut * COST.reply + readers / hold * COST.poll) / 1e6;
  const shares = dealOut(logs);
  const nodes = Array.from({ length: NODES }, () => ({ load: 0, following: 0 }));
  // The largest first, each to the nodes that have least to do: as many as its readers need, two at least.
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
    most: messages / Math.max(busiestLog, busiest.load),
  };
}

function row({ logs, isTogether, busiestLog, busiestNode, following, most }: Outcome): string {
  const percent = (share: number) => `${Math.round(share * 100)} %`.padStart(7);
  const where = isTogether ? "together" : "anywhere";
  const rate = Math.round(most).toLocaleString("en").padStart(10);
  return `${String(logs).padStart(4)}  ${where}  ${percent(busiestLog)}  ${percent(busiestNode)}` +
    `  ${percent(following)}  ${rate}`;
}

console.log(
  `${LOAD.readers.toLocaleString("en")} parked polls on ${NODES} nodes of one core each, ` +
    `${LOAD.messages.toLocaleString("en")} messages a second with ${LOAD.fanOut} readers each\n\n` +
    "logs  readers   busiest   busiest  of that   messages a second\n" +
    "                    log      node  following  at the limit",
);
for (const isTogether of [false, true]) {
  for (const logs of [1, 4, 16, 64, 256]) console.log(row(simulate({ logs, isTogether })));
}
