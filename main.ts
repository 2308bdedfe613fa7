import { dirname, join } from "node:path";
import { load } from "@std/dotenv";
import { CHECK_USAGE, formatFindings } from "./server/commands/check.ts";
import { renewEpochOverNats, STORE_COMMANDS } from "./server/commands/store_files.ts";
import { stopRequested } from "./server/commands/stop_request.ts";
import type { NoticesCommandDeps } from "./server/commands/notices.ts";
import { USAGE, VERSION } from "./server/commands/usage.ts";
import { type Config, readConfig } from "./server/config/config.ts";
import type { StoreSetting } from "./server/stores/store_settings.ts";
import { logRuntimeWarnings, logUncaughtErrors } from "./server/base/uncaught_errors.ts";
import { Logger } from "./server/base/logger.ts";
import { openStore, storeName } from "./server/stores/open_store.ts";
import { inspect, type SettingSource } from "./server/config/inspect.ts";
import { startServer } from "./server/server.ts";
import { ConfigError } from "./server/base/setting_reader.ts";
import { StartError } from "./server/base/start_error.ts";

/** Runs the program; returns its exit status. */
async function run([command, ...args]: readonly string[]): Promise<number> {
  if (command === undefined) return await explaining(serve);
  if (command === "--help" && args.length === 0) return say(USAGE);
  if (command === "--version" && args.length === 0) return say(VERSION);
  if (command === "backup" || command === "restore" || command === "epoch") {
    return await explaining(() => tendStore(command, args));
  }
  if (command === "send" || command === "tail" || command === "token") {
    return await explaining(() => beClient(command, args));
  }
  if (command === "check") return await explaining(() => check(args));
  if (command === "notices") return await explaining(() => tendNotices(args));
  if (command === "soak") return await (await import("./server/commands/soak/soak.ts")).soak(args);
  const unknown = command === "--help" || command === "--version" ? args[0] : command;
  return fail(`Unknown argument "${unknown}"\n\n${USAGE}`, 2);
}

async function serve(): Promise<number> {
  // Only the prover starts processes; the server gives that right up, where it was given at all.
  Deno.permissions.revokeSync({ name: "run" });
  // Before anything else that takes time: a signal may come at any moment.
  const stop = stopRequested(() => Deno.exit(130));
  await serveUntil(stop, readConfig(await readSettings()));
  return 0;
}

/** Runs a command that works on the store's file. */
async function tendStore(name: keyof typeof STORE_COMMANDS, args: readonly string[]) {
  const command = STORE_COMMANDS[name];
  if (asksForHelp(args)) return say(`usage: ${command.usage}`);
  if (!command.takes(args)) return fail(`usage: ${command.usage}`, 2);
  const { store } = readConfig(await readSettings());
  if (store.kind === "nats" && name === "epoch") {
    return say(await renewEpochOverNats(store.connection));
  }
  if (store.kind !== "sqlite") return fail(`STORE is "${store.kind}": it has no file`, 2);
  return say(await command.run(store.path, args));
}

/** Runs a command that works on the table of notices, or on the place reached in it. */
async function tendNotices(args: readonly string[]) {
  Deno.permissions.revokeSync({ name: "run" });
  const { NOTICES_USAGE, runNoticesCommand, takesNotices } = await import(
    "./server/commands/notices.ts"
  );
  if (asksForHelp(args)) return say(NOTICES_USAGE);
  if (!takesNotices(args)) return fail(NOTICES_USAGE, 2);
  const { notices: { database, listen }, store } = readConfig(await readSettings());
  if (database === undefined) return fail("NOTICES_DB names no database", 2);
  return say(await runNoticesCommand(args, { database, listen, store: toOpen(store) }));
}

function toOpen(store: StoreSetting): NoticesCommandDeps["store"] {
  const name = storeName(store);
  return name === undefined
    ? undefined
    : { name, open: (retention) => openStore(store, retention) };
}

/** Says which settings there are, and what is wrong with them. */
async function check(args: readonly string[]): Promise<number> {
  if (asksForHelp(args)) return say(CHECK_USAGE);
  if (args.length > 0) return fail(CHECK_USAGE, 2);
  const found = await inspect(await readSources());
  say(formatFindings(found));
  return found.errors.length === 0 ? 0 : 2;
}

/** Runs a command that asks a server. */
async function beClient(name: "send" | "tail" | "token", args: readonly string[]) {
  Deno.permissions.revokeSync({ name: "run" });
  const { runClientCommand } = await import("./server/commands/client/client_commands.ts");
  return await runClientCommand(name, args, await readSettings());
}

/** Errors that somebody can do something about are told in words, and settle the status. */
async function explaining(command: () => Promise<number>): Promise<number> {
  try {
    return await command();
  } catch (error) {
    if (error instanceof ConfigError) return fail(error.message, 2);
    if (error instanceof StartError) return fail(error.message, 1);
    throw error;
  }
}

async function serveUntil(stop: Promise<void>, config: Config): Promise<void> {
  const logger = new Logger(config.logLevel);
  using _errors = logUncaughtErrors(logger);
  using _warnings = logRuntimeWarnings(logger);
  await using server = await startServer(config);
  console.log(`Halley ${VERSION} listens on ${server.url}`);
  await stop;
  await server.drain();
}

/** The settings from all places. */
async function readSettings(): Promise<Record<string, string>> {
  const sources = await readSources();
  return Object.assign({}, ...sources.map(({ values }) => values).reverse());
}

/** The environment, then the working directory's `.env`, then, for the executable, the one that lies beside it. */
async function readSources(): Promise<readonly SettingSource[]> {
  const own = { name: ".env", values: await readEnvFile("."), isOwn: true };
  const environment = { name: "environment", values: Deno.env.toObject(), isOwn: false };
  if (!Deno.build.standalone) return [environment, own];
  const folder = dirname(Deno.execPath());
  const beside = { name: join(folder, ".env"), values: await readEnvFile(folder), isOwn: true };
  return [environment, own, beside];
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

function asksForHelp(args: readonly string[]): boolean {
  return args.length === 1 && args[0] === "--help";
}

function say(message: string): number {
  console.log(message);
  return 0;
}

function fail(message: string, status: number): number {
  console.error(message);
  return status;
}

// Also where a platform imports this module instead of running it.
Deno.exit(await run(Deno.args));
