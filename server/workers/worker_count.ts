import type { Logger } from "../base/logger.ts";
import type { Config } from "../config/config.ts";

/** The number of workers to start: one where several cannot share a port, which is logged if more are set. */
export function workerCount({ workers }: Pick<Config, "workers">, logger: Logger): number {
  if (workers === 1 || Deno.build.os === "linux") return workers;
  logger.write("warn", "one_worker", {
    workers,
    reason: `Workers cannot share a port on ${Deno.build.os}: one worker serves`,
  });
  return 1;
}
