import { wallNow } from "../../../server/base/clock.ts";
import { delay } from "../../../server/base/delay.ts";
import { type Peer } from "./peers.ts";
import { PeerServer } from "./peer_server.ts";
import { ReaderNetwork } from "./reader_network.ts";
import { Redis } from "./redis.ts";
import { Readers } from "./readers.ts";
import { networkFaults, type Restart, restarts } from "./schedule.ts";
import { type Tally, tallyOf } from "./tally.ts";

/** What a round does to the readers of one server. */
export interface RoundOptions {
  readonly readers: number;
  /** Messages per second. */
  readonly rate: number;
  /** How long messages are sent and faults injected, in ms. */
  readonly duration: number;
  readonly seed: number;
  /** Whether the server is restarted, too. */
  readonly hasRestarts: boolean;
  /** The folder with the modules and packages of the peers. */
  readonly installed: string;
  readonly stop: AbortSignal;
}

/** Maximum time (ms) until each reader has received a first message, and until each has received the last one. */
const READY_TIMEOUT = 60_000;
const LAST_TIMEOUT = 30_000;

/**
 * After the faults, readers catch up until they have everything, or nothing has arrived for `quiet` ms and the last dead
 * connection was reset. Times in ms.
 */
const CATCH_UP = { min: 25_000, quiet: 10_000 } as const;

/** Starts the server and its readers, sends numbered messages while the faults are injected, and counts what arrived. */
export async function runRound(peer: Peer, options: RoundOptions): Promise<Tally> {
  const { installed, seed, duration, stop, hasRestarts } = options;
  await using opened = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir({ prefix: "halley-delivery-" });
  opened.defer(() => Deno.remove(folder, { recursive: true }));
  const redisPort = peer.usesRedis ? opened.use(await Redis.start()).port : undefined;
  const server = opened.use(await PeerServer.start(peer, { installed, folder, redisPort }));
  const networks: ReaderNetwork[] = [];
  for (let n = 0; n < options.readers; n++) {
    networks.push(opened.use(await ReaderNetwork.open(server.port)));
  }
  const urls = networks.map(({ url }) => url);
  const readers = opened.use(new Readers(peer, { installed, urls }));
  await untilReady(server, readers, options);
  const injecting = networks.map((network, reader) =>
    network.run(networkFaults(seed, reader, duration), stop)
  );
  const restarting = restart(server, hasRestarts ? restarts(seed, duration) : [], stop);
  const sent = await sendAll(server, options);
  await Promise.all([restarting, ...injecting]);
  await catchUp(readers, sent, options);
  await sendLast(server, readers, { sent, options });
  return tallyOf(readers.events, sent);
}

/** Sends messages with numbers below 0 until each reader has received one: it is subscribed then, whatever that is. */
async function untilReady(
  server: PeerServer,
  readers: Readers,
  { stop, readers: count }: RoundOptions,
): Promise<void> {
  const start = performance.now();
  for (let n = -1; readers.countOfReady < count; n--) {
    stop.throwIfAborted();
    if (performance.now() - start > READY_TIMEOUT) {
      throw new Error(`Only ${readers.countOfReady} of ${count} readers have received a message`);
    }
    await server.publish(textOf(n));
    await delay(200, stop);
  }
}

/** Sends each message once, one after the other. Returns when each that was acknowledged was sent: Unix times in ms. */
async function sendAll(
  server: PeerServer,
  { rate, duration, stop }: RoundOptions,
): Promise<Map<number, number>> {
  const sent = new Map<number, number>();
  const start = performance.now();
  for (let n = 0; n < duration * rate / 1_000 && !stop.aborted; n++) {
    await delay(start + n * 1_000 / rate - performance.now(), stop);
    const at = wallNow();
    if (await server.publish(textOf(n))) sent.set(n, at);
  }
  return sent;
}

async function restart(
  server: PeerServer,
  list: readonly Restart[],
  stop: AbortSignal,
): Promise<void> {
  const start = performance.now();
  for (const { at, signal } of list) {
    await delay(start + at - performance.now(), stop);
    if (stop.aborted) return;
    await server.end(signal);
    await server.start();
  }
}

async function catchUp(
  readers: Readers,
  sent: ReadonlyMap<number, number>,
  { readers: count, stop }: RoundOptions,
): Promise<void> {
  const start = wallNow();
  const isComplete = () => sent.keys().every((n) => readers.countOf(n) === count);
  while (!stop.aborted && !isComplete()) {
    const isOver = wallNow() - start >= CATCH_UP.min &&
      wallNow() - readers.lastArrival >= CATCH_UP.quiet;
    if (isOver) return;
    await delay(200, stop);
  }
}

/** Sends one more message, which everyone receives who still reads. */
async function sendLast(
  server: PeerServer,
  readers: Readers,
  { sent, options: { readers: count, stop } }: {
    sent: Map<number, number>;
    options: RoundOptions;
  },
): Promise<void> {
  stop.throwIfAborted();
  const last = Math.max(-1, ...sent.keys()) + 1;
  const at = wallNow();
  if (!await server.publish(textOf(last))) throw new Error("The last message is not acknowledged");
  sent.set(last, at);
  const start = performance.now();
  while (readers.countOf(last) < count && performance.now() - start < LAST_TIMEOUT) {
    await delay(50, stop);
  }
}

function textOf(n: number): string {
  return `${n} is the number of this message, which is as long as one that people write to each other`;
}
