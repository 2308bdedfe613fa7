import { type Cast, assemble } from "./cast.ts";
import { type FaultCounts, Faults } from "./faults.ts";
import type { SoakOptions } from "./options.ts";
import { OwnServer } from "./own_server.ts";
import { atMost, pause } from "./pause.ts";
import { Proxy } from "./proxy.ts";
import { Reaper } from "./reaper.ts";
import { Referee } from "./referee.ts";
import type { Stage } from "./stage.ts";
import { Tempo } from "./tempo.ts";
import { isClean, type Verdict } from "./verdict.ts";

/** How a run ended. */
export interface Result extends Verdict {
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

/** When nobody sends any more, readers get so long (ms) to read everything. */
const CATCH_UP = 30_000;

/** Then what comes again would come within so many ms. */
const LAST_LOOK = 1_500;

const ROUND = 50;

/** Makes one run. Throws a `SoakError` if it cannot be made. */
export async function run(options: SoakOptions, watchers: Watchers): Promise<Result> {
  await using opened = new AsyncDisposableStack();
  const { seed, url } = options;
  const server = url === undefined
    ? opened.use(await OwnServer.start(options.server))
    : undefined;
  const faults = new Faults(options.faults, options.share);
  const target = url ?? new URL(server?.url ?? "");
  const proxy = opened.use(new Proxy({ target, faults, seed }));
  const over = new AbortController();
  opened.defer(() => over.abort());
  const referee = new Referee();
  const { onRemark: remark } = watchers;
  const stage = { url: proxy.url, seed, faults, referee, over: over.signal, remark };
  const tempo = new Tempo();
  const cast = await assemble({ ...options, tempo }, stage);
  const { kills, duration } = options;
  const reaper = server && new Reaper({ server, tempo, kills, duration }, stage);
  const restarts = () => reaper?.restarts ?? 0;
  const tell = () => watchers.onStanding({ ...standingOf(stage), restarts: restarts() });
  const timer = setInterval(tell, 1_000);
  opened.defer(() => clearInterval(timer));
  await play(cast, { stage, duration, tempo, reaper });
  const verdict = referee.judge(performance.now());
  if (!isClean(verdict)) server?.keep();
  const folder = isClean(verdict) ? undefined : server?.folder;
  return { ...verdict, seed, faults: faults.counts, restarts: restarts(), folder };
}

interface Play {
  readonly stage: Stage;
  readonly duration: number;
  readonly tempo: Tempo;
  readonly reaper: Reaper | undefined;
}
