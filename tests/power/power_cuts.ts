import { SeededRandom } from "../../server/commands/soak/seeded_random.ts";
import { RemoteChat } from "../support/remote_chat.ts";
import { Ledger } from "./ledger.ts";
import { ADMIN_KEY, runLoad, signInSenders } from "./load.ts";
import { type Cut, Machine } from "./machine.ts";

/** What power cuts have met, and what was wrong after them. */
export interface PowerReport {
  readonly findings: readonly string[];
  readonly acknowledged: number;
  /** How many cuts came in each phase of the server, how many met a checkpoint, and what they left of unsynced changes. */
  readonly met: Readonly<Record<string, number>>;
}

/** The number of cuts after which the next server starts with an empty disk. */
const CUTS_PER_DISK = 8;

/** Runs a server under load, and cuts its power `cuts` times. Stops at the first finding. */
export async function cutPower(
  { cuts, seed, settings = {} }: {
    readonly cuts: number;
    readonly seed: number;
    readonly settings?: Readonly<Record<string, string>>;
  },
): Promise<PowerReport> {
  const random = new SeededRandom(seed, "power cuts");
  const met: Record<string, number> = {};
  let acknowledged = 0;
  for (let done = 0; done < cuts; done += CUTS_PER_DISK) {
    const slowDisk = { POWER_SYNC_US: random.next() < 0.5 ? "0" : "2000" };
    const keys = { API_KEYS: `operator:admin:${ADMIN_KEY}` };
    await using machine = new Machine({ ...keys, ...slowDisk, ...settings });
    const ledger = new Ledger();
    for (let n = done; n < Math.min(cuts, done + CUTS_PER_DISK); n++) {
      const { phase, findings } = await run(machine, ledger, random).catch((error) => ({
        phase: "failed",
        findings: [error instanceof Error ? error.message : String(error)],
      }));
      if (findings.length > 0) machine.cutNow();
      const { loss, metCheckpoint }: Cut = await machine.lose(random);
      for (const name of [phase, loss, ...(metCheckpoint ? ["checkpoint"] : [])]) {
        met[name] = (met[name] ?? 0) + 1;
      }
      if (findings.length > 0) {
        return { findings: findings.map((one) => `cut ${n}, ${one}`), acknowledged, met };
      }
    }
    acknowledged += ledger.senders.reduce((sum, one) => sum + one.acknowledged.length, 0);
  }
  return { findings: [], acknowledged, met };
}

/** Starts the server, compares it with what it has acknowledged, and uses it until the power is cut. */
async function run(
  machine: Machine,
  ledger: Ledger,
  random: SeededRandom,
): Promise<{ phase: string; findings: readonly string[] }> {
  const cutsAtStart = random.next() < 0.3;
  const server = await machine.start(cutsAtStart ? Math.ceil(random.between(0, 120)) : 0);
  if (server === undefined) return { phase: "start", findings: [] };
  machine.cutAfter(0);
  using chat = new RemoteChat(server.url);
  const findings = await ledger.audit(chat);
  if (findings.length > 0) return { phase: "load", findings };
  if (ledger.senders.length === 0) await signInSenders(chat, ledger);
  const cutsAtStop = random.next() < 0.2;
  machine.cutAfter(cutsAtStop ? 0 : Math.ceil(random.between(0, 1) ** 2 * 12_000));
  const load = runLoad(chat, ledger);
  if (cutsAtStop) {
    await new Promise((resolve) => setTimeout(resolve, random.between(50, 500)));
    server.kill("SIGTERM");
    machine.cutAfter(Math.ceil(random.between(0, 300)));
  }
  await load;
  return { phase: cutsAtStop ? "stop" : "load", findings };
}
