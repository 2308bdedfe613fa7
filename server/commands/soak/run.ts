import { assemble, type Participants } from "./participants.ts";
import { type FaultCounts, Faults } from "./faults.ts";
import type { SoakOptions } from "./options.ts";
import { OwnServer } from "./own_server.ts";
import { atMost, pause } from "./pause.ts";
import { Proxy } from "./proxy.ts";
import { ServerKiller } from "./server_killer.ts";
import { Checker } from "./checker.ts";
import type { RunContext } from "./run_context.ts";
import { Pacer } from "./pacer.ts";
import { isClean, type Report } from "./report.ts";

/** How a run ended. */
export interface Result extends Report {
  readonly seed: number;
  readonly faults: FaultCounts;
  readonly restarts: number;
  /** Where the server's database and log are, if they were kept. */
  readonly folder: string | undefined;
}

/** How a run stands. */
export interface Standing {
  readonly acknowledged: number;
  readonly delivered: number;
  readonly faults: number;
  readonly restarts: number;
  /** The longest time (ms) that a reader has waited for a message that is acknowledged. */
  readonly lag: number;
}

/** Those who watch a run. */
export interface Watchers {
  /** Called every second. */
  readonly onStanding: (standing: Standing) => void;
  readonly onRemark: (text: string) => void;
}

/** Sends that are not answered by then (ms) are given up: nobody will miss them. */
const LONGEST_SEND = 30_000;

/** At last, what comes again would come within so many ms. */
const LAST_LOOK = 1_500;

/** Whether everything has come is asked every so many ms. */
const ROUND = 50;

/** Makes one run. Throws a `SoakError` if it cannot be made. */
export async function run(options: SoakOptions, watchers: Watchers): Promise<Result> {
  await using opened = new AsyncDisposableStack();
  const { seed, url, server: program } = options;
  const server = url === undefined ? opened.use(await OwnServer.start(program)) : undefined;
  const faults = new Faults(options.faults, options.share);
  const target = url ?? new URL(server?.url ?? "");
  const proxy = opened.use(new Proxy({ target, faults, seed }));
  const over = new AbortController();
  opened.defer(() => over.abort());
  const checker = new Checker();
  const { onRemark: remark } = watchers;
  const stage = { url: proxy.url, seed, faults, checker, over: over.signal, remark };
  const tempo = new Pacer();
  const reaper = server && new ServerKiller({ ...options, server, tempo }, stage);
  const cast = await assemble({ ...options, tempo }, stage);
  opened.use(report(stage, reaper, watchers));
  await play(cast, { ...options, stage, tempo, reaper });
  const verdict = checker.judge(performance.now());
  const folder = isClean(verdict) ? undefined : server?.keep();
  return { ...verdict, seed, faults: faults.counts, restarts: reaper?.restarts ?? 0, folder };
}

/** Tells every second how things stand, until it is disposed of. */
function report(
  stage: RunContext,
  reaper: ServerKiller | undefined,
  { onStanding }: Watchers,
): Disposable {
  const { checker, faults } = stage;
  const timer = setInterval(() => {
    const { acknowledged, delivered } = checker;
    const lag = checker.lag(performance.now());
    const restarts = reaper?.restarts ?? 0;
    onStanding({ acknowledged, delivered, faults: faults.total, restarts, lag });
  }, 1_000);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** What a play needs beside its cast. */
interface Play {
  readonly stage: RunContext;
  readonly duration: number;
  readonly patience: number;
  readonly tempo: Pacer;
  readonly reaper: ServerKiller | undefined;
}

/** Everybody reads, and sends for so long; then readers get time to catch up. */
async function play(
  { readers, senders }: Participants,
  { stage, duration, patience, tempo, reaper }: Play,
): Promise<void> {
  const { faults } = stage;
  await Promise.all(readers.map((reader) => reader.enter()));
  const end = new AbortController();
  faults.start();
  const reading = Promise.all(readers.map((reader) => reader.run()));
  const sending = Promise.all(senders.map((sender) => sender.run(end.signal)));
  await Promise.race([reading, sending, Promise.all([pause(duration), reaper?.run()])]);
  faults.stop();
  end.abort();
  tempo.end();
  for (const reader of readers) reader.hurry();
  await atMost(LONGEST_SEND, sending);
  await catchUp(stage.checker, patience);
  await pause(LAST_LOOK);
}

/** Resolves when everything that was acknowledged has been given, or when nothing more comes. */
async function catchUp(checker: Checker, patience: number): Promise<void> {
  let [delivered, since] = [checker.delivered, performance.now()];
  while (checker.outstanding > 0 && performance.now() - since < patience) {
    await pause(ROUND);
    if (checker.delivered > delivered) since = performance.now();
    delivered = checker.delivered;
  }
}
