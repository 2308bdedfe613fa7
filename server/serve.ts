import manifest from "../deno.json" with { type: "json" };
import { Logger } from "./base/logger.ts";
import { stopRequested } from "./base/stop_signals.ts";
import { logRuntimeWarnings, logUncaughtErrors } from "./base/uncaught_errors.ts";
import { readConfig } from "./config/config.ts";
import { readSettings } from "./config/setting_sources.ts";
import { startServer } from "./server.ts";

/** Starts the server, and stops it at SIGINT or SIGTERM. */
export async function serve(): Promise<void> {
  // First of all, because a signal can arrive while the server starts.
  const stop = stopRequested();
  const config = readConfig(await readSettings());
  const logger = new Logger(config.logLevel);
  using _errors = logUncaughtErrors(logger);
  using _warnings = logRuntimeWarnings(logger);
  await using server = await startServer(config);
  console.log(`Halley ${manifest.version} listens on ${server.url}`);
  await stop;
  await server.drain();
}
