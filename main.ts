import { dirname, join } from "node:path";
import { load } from "@std/dotenv";
import { stopRequested } from "./server/commands/stop_request.ts";
import { USAGE, VERSION } from "./server/commands/usage.ts";
import { type Config, ConfigError, readConfig } from "./server/config.ts";
import { startServer } from "./server/server.ts";
import { explainStartError } from "./server/start_error.ts";

/** Runs the program; returns its exit status. */
async function run(args: readonly string[]): Promise<number> {
  const [flag, ...others] = args;
  if (flag === undefined) return await serve();
  if (others.length === 0 && flag === "--help") console.log(USAGE);
  else if (others.length === 0 && flag === "--version") console.log(VERSION);
  else return fail(`Unknown argument "${others[0] ?? flag}"\n\n${USAGE}`, 2);
  return 0;
}

async function serve(): Promise<number> {
  // First of all: a signal may come at any time.
  const stop = stopRequested(() => Deno.exit(130));
  try {
    const config = readConfig({ ...await readEnvFiles(), ...Deno.env.toObject() });
    await serveUntil(stop, config);
    return 0;
  } catch (error) {
    if (error instanceof ConfigError) return fail(error.message, 2);
    const explanation = explainStartError(error);
    if (explanation === undefined) throw error;
    return fail(explanation, 1);
  }
}

async function serveUntil(stop: Promise<void>, config: Config): Promise<void> {
  await using server = await startServer(config);
  console.log(`Halley ${VERSION} listens on ${server.url}`);
  await stop;
  await server.drain();
}

/** The working directory's `.env`, and for the executable the one that lies beside it. */
async function readEnvFiles(): Promise<Record<string, string>> {
  const beside = Deno.build.standalone ? await readEnvFile(dirname(Deno.execPath())) : {};
  return { ...beside, ...await readEnvFile(".") };
}

async function readEnvFile(folder: string): Promise<Record<string, string>> {
  const envPath = join(folder, ".env");
  try {
    return await load({ envPath });
  } catch (error) {
    throw new ConfigError(
      `Cannot read "${envPath}": ${error instanceof Error ? error.message : error}`,
    );
  }
}

function fail(message: string, status: number): number {
  console.error(message);
  return status;
}

if (import.meta.main) Deno.exit(await run(Deno.args));
