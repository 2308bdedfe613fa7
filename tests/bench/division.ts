/**
 * `deno run tests/bench/division.ts`: what becomes of the load when the one log is divided into several, one per space.
 *
 * A simulation on paper, not a measurement: it deals spaces of very different sizes out to logs and nodes, and adds up
 * what each of them has to do, with the costs that were measured (docs/SCALING.md).
 *
 * @module
 */

/** What one thing costs a node, in microseconds of CPU, and what one log takes in a second. */
const COST = { follow: 12, reply: 32, poll: 60 } as const;
const APPENDS_PER_LOG = 25_000;

/** The load: people who read, messages a second, and how many readers each message has. */
const LOAD = { readers: 1_000_000, messages: 10_000, fanOut: 10, hold: 25 } as const;

/** So many spaces; the n-th largest has 1/n of the people of the largest. */
const SPACES = 10_000;

const NODES = 16;

/** A space: whoever is in it reads and writes nothing else. Shares of the whole load. */
interface Space {
  readonly name: number;
  readonly share: number;
}

/** How a deployment is divided. */
interface Division {
  readonly logs: number;
  /** Whether the readers of a space are together on few nodes, or anywhere. */
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

/** The nodes that hold the readers of a space: as many as they need, two at least so that one may die. */
function nodesOf({ name, share }: Space, isTogether: boolean): readonly number[] {
  if (!isTogether) return Array.from({ length: NODES }, (_, n) => n);
  const count = Math.min(NODES, Math.max(2, Math.ceil(share * NODES)));
  // Rendezvous hashing: the nodes with the highest numbers for this space.
  return Array.from({ length: NODES }, (_, n) => n)
    .toSorted((one, other) => hash(name * 64 + other) - hash(name * 64 + one)).slice(0, count);
}

function simulate(division: Division): Outcome {
  const { logs, isTogether } = division;
  const perLog = new Float64Array(logs);
  const followed = Array.from({ length: NODES }, () => new Set<number>());
  const serving = new Float64Array(NODES);
  const { readers, messages, fanOut, hold } = LOAD;
  const work = (messages * fanOut * COST.reply + readers / hold * COST.poll) / 1e6;
  for (const space of spaces()) {
    const log = hash(space.name) % logs;
    perLog[log]! += space.share * messages;
    const nodes = nodesOf(space, isTogether);
    for (const node of nodes) {
      followed[node]!.add(log);
      serving[node]! += work * space.share / nodes.length;
    }
  }
  const following = followed.map((own) =>
    [...own].reduce((sum, log) => sum + perLog[log]! * COST.follow / 1e6, 0)
  );
  const loads = serving.map((work, node) => work + following[node]!);
  const busiestNode = Math.max(...loads);
  const busiestLog = Math.max(...perLog) / APPENDS_PER_LOG;
  return {
    ...division,
    busiestLog,
    busiestNode,
    following: following[loads.indexOf(busiestNode)]! / busiestNode,
    most: messages / Math.max(busiestLog, busiestNode),
  };
}

function row({ logs, isTogether, busiestLog, busiestNode, following, most }: Outcome): string {
  const percent = (share: number) => `${Math.round(share * 100)} %`.padStart(7);
  const where = isTogether ? "by space" : "anywhere";
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
