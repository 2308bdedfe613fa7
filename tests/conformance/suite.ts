import { ServerProcess } from "../support/server_process.ts";
import type { Check } from "./check.ts";
import { GAPS } from "./gap_checks.ts";
import { READING } from "./reading_checks.ts";
import { SENDING } from "./sending_checks.ts";
import { type ClientSettings, Stage } from "./stage.ts";
import { TROUBLE } from "./trouble_checks.ts";

export const CHECKS: readonly Check[] = [...READING, ...GAPS, ...TROUBLE, ...SENDING];

export interface Result {
  readonly name: string;
  /** Why the client failed; absent if it passed. */
  readonly problem?: string;
}

export interface SuiteOptions {
  /** How to start the client. */
  readonly command: readonly string[];
  readonly checks?: readonly Check[];
  /** How long to wait (ms) for what the client must do: generous, for delays that double and a busy machine. */
  readonly timeoutMs?: number;
  /** Number of checks that run at the same time. */
  readonly parallel?: number;
  /** Called with each result. */
  readonly onResult?: (result: Result) => void;
}

/** Runs the checks with a server of their own. Returns the results in the order of the checks. */
export async function runSuite(options: SuiteOptions): Promise<readonly Result[]> {
  const { command, timeoutMs = 30_000, checks = CHECKS, parallel = 4 } = options;
  await using server = await ServerProcess.start({ settings: { STORE: "memory", LIMITS: "off" } });
  const results = new Map<Check, Result>();
  const waiting = [...checks.entries()];
  const runNext = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [n, check] = next;
      const result = await runCheck(check, { command, timeoutMs }, {
        server: server.url,
        room: `room:${n}`,
      });
      results.set(check, result);
      options.onResult?.(result);
    }
  };
  await Promise.all(Array.from({ length: parallel }, runNext));
  return checks.flatMap((check) => results.get(check) ?? []);
}

async function runCheck(
  { name, run }: Check,
  client: ClientSettings,
  place: { readonly server: string; readonly room: string },
): Promise<Result> {
  await using stage = await Stage.open(client, place);
  try {
    await run(stage);
    const [violation] = stage.proxy.violations;
    return violation === undefined ? { name } : { name, problem: violation };
  } catch (error) {
    return { name, problem: error instanceof Error ? error.message : String(error) };
  }
}
