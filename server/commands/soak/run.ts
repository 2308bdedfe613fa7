import { monotonicNow, msSince } from "../../base/clock.ts";
import { delay } from "../../base/delay.ts";
import { Checker } from "./checker.ts";
import { Faults } from "./faults.ts";
import type { SoakOptions } from "./options.ts";
import { OwnServer } from "./own_server.ts";
import { createParticipants, type Participants } from "./participants.ts";
import { Proxy } from "./proxy.ts";
import { isClean, type Report } from "./report.ts";
import type { RunContext } from "./run_context.ts";
import { Pacer } from "./sender.ts";
import { ServerKiller } from "./server_killer.ts";
import { openSignIns } from "./users.ts";

/** The state of a run. */
export interface Status {
  readonly acknowledged: number;
  readonly delivered: number;
  readonly faults: number;
  readonly restarts: number;
  /** The longest time (ms) that a reader has waited for an acknowledged message. */
  readonly lag: number;
}

/** Callbacks of a run. */
export interface RunListeners {
  /** Called every second. */
  readonly onStatus: (status: Status) => void;
  readonly onRemark: (text: string) => void;
}

/** How long (ms) to wait for responses to the last messages. What is not acknowledged cannot be lost. */
const LAST_SENDS = 30_000;

/** How long (ms) to wait for duplicates once everything has arrived. */
const LAST_DUPLICATES = 1_500;

/** How often (ms) to check whether everything has arrived. */
const INTERVAL = 50;

/** Runs the senders, readers and faults once, and reports what the checker found. Throws a `CommandError`. */
export async function run(options: SoakOptions, listeners: RunListeners): Promise<Report> {
  await using opened = new AsyncDisposableStack();
  const { seed, url, server: program, store, workers } = options;
  const signIns = openSignIns(options.auth, options.token);
  const adminKey = crypto.getRandomValues(new Uint8Array(24)).toHex();
  const keys = [signIns.settings.API_KEYS, `admin:admin:${adminKey}`].filter(Boolean);
  const server = url === undefined
    ? opened.use(
      await OwnServer.start(program, {
        ...signIns.settings,
        STORE: store,
        WORKERS: String(workers),
        API_KEYS: keys.join(),
      }),
    )
    : undefined;
  const faults = new Faults(options.faults, options.share);
  const target = url ?? new URL(server?.url ?? "");
  const proxy = opened.use(new Proxy({ target, faults, seed }));
  const over = new AbortController();
  opened.defer(() => over.abort());
  const checker = new Checker();
  const { onRemark, onStatus } = listeners;
  const context = { url: proxy.url, seed, faults, checker, over: over.signal, onRemark };
  const pacer = new Pacer();
  const killer = server && new ServerKiller({ ...options, server, pacer }, context);
  const participants = await createParticipants({ ...options, adminKey, pacer, signIns }, context);
  const timer = setInterval(() => onStatus(statusOf(context, killer)), 1_000);
  opened.defer(() => clearInterval(timer));
  await converse(participants, { ...options, context, pacer, killer });
  const findings = checker.finish(performance.now());
  const folder = isClean(findings) ? undefined : server?.keepFolder();
  return { ...findings, seed, faults: faults.counts, restarts: killer?.restarts ?? 0, folder };
}

function statusOf({ checker, faults }: RunContext, killer: ServerKiller | undefined): Status {
  const { acknowledged, delivered } = checker;
  const lag = checker.lag(performance.now());
  const restarts = killer?.restarts ?? 0;
  return { acknowledged, delivered, faults: faults.total, restarts, lag };
}

interface ConverseOptions {
  readonly context: RunContext;
  readonly duration: number;
  readonly patience: number;
  readonly pacer: Pacer;
  readonly killer: ServerKiller | undefined;
}

/** Sends and reads with faults for `duration` ms. Then the faults end, and the readers can catch up. */
async function converse(
  { readers, senders, leavers, visitors }: Participants,
  { context, duration, patience, pacer, killer }: ConverseOptions,
): Promise<void> {
  const { faults, over } = context;
  await Promise.all(readers.map((reader) => reader.enter()));
  const end = new AbortController();
  faults.start();
  const reading = Promise.all(readers.map((reader) => reader.run()));
  const visiting = visitors.run();
  const sending = Promise.all([...senders, leavers].map((one) => one.run(end.signal)));
  await Promise.race([
    reading,
    visiting,
    sending,
    Promise.all([delay(duration, over), killer?.run()]),
  ]);
  faults.stop();
  end.abort();
  pacer.endWaits();
  for (const reader of [...readers, visitors]) reader.hurry();
  await Promise.race([sending, delay(LAST_SENDS, over)]);
  await catchUp(context.checker, patience);
  await delay(LAST_DUPLICATES);
}

/** Resolves when readers have received everything that was acknowledged, or nothing has arrived for `patience` ms. */
async function catchUp(checker: Checker, patience: number): Promise<void> {
  let [delivered, since] = [checker.delivered, monotonicNow()];
  while (checker.outstanding > 0 && msSince(since) < patience) {
    await delay(INTERVAL);
    if (checker.delivered > delivered) since = monotonicNow();
    delivered = checker.delivered;
  }
}
