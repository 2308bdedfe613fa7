import type { Logger } from "../base/logger.ts";
import type { Config } from "../config/config.ts";

/** The number of workers to start: one where several cannot share a port, which is logged if more are set. */
export function workerCount(
  { workers }: Pick<Config, "workers">,
  logger: Pick<Logger, "write">,
  os: string = Deno.build.os,
): number {
  if (workers === 1 || os === "linux") return workers;
  const reason = `Workers cannot share a port on ${os}: one worker serves`;
  logger.write("warn", "one_worker", { workers, reason });
  return 1;
}
