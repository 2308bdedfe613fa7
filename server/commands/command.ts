import { bypassProxyOnLoopback } from "../base/proxy_bypass.ts";
import { ConfigError } from "../base/setting_reader.ts";
import { StartError } from "../base/start_error.ts";
import { CommandError, UsageError } from "./command_error.ts";

/** A command of the executable. */
export interface Command {
  /** Printed by `--help`, and after a {@linkcode UsageError}. */
  readonly usage: string;
  /** Resolves with the exit status; `undefined` is 0. */
  readonly run: (args: readonly string[]) => Promise<number | void>;
}

/**
 * Runs a command and returns its exit status. Errors that the user can fix are printed as messages: they never show a
 * stack trace.
 */
export async function runCommand(
  { usage, run }: Command,
  args: readonly string[],
): Promise<number> {
  bypassProxyOnLoopback();
  try {
    if (!asksForHelp(args)) return await run(args) ?? 0;
    console.log(usage);
    return 0;
  } catch (error) {
    const status = statusOf(error);
    if (status === undefined || !(error instanceof Error)) throw error;
    console.error(error instanceof UsageError ? `${error.message}\n\n${usage}` : error.message);
    return status;
  }
}

/** Everything after `--` is text, even if it looks like an option. */
function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  return args.slice(0, end < 0 ? args.length : end).includes("--help");
}

function statusOf(error: unknown): number | undefined {
  if (error instanceof CommandError) return error.status;
  if (error instanceof ConfigError) return 2;
  return error instanceof StartError ? 1 : undefined;
}
