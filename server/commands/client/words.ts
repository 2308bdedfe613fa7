import { parseArgs, type ParseArgsOptionsConfig } from "node:util";
import { UsageError } from "./command_error.ts";

/** Reads the words behind a command: its options, and the others. Throws a `UsageError`. */
export function readWords<const T extends ParseArgsOptionsConfig>(
  args: readonly string[],
  options: T,
) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    // What node:util says of unknown options and missing values can be read.
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** Reads a whole number. Throws a `UsageError`. */
export function readWholeNumber(
  name: string,
  word: string,
  { least, most }: { readonly least: number; readonly most: number },
): number {
  const value = /^[0-9]{1,15}$/.test(word) ? Number(word) : NaN;
  if (value >= least && value <= most) return value;
  throw new UsageError(`--${name} is "${word}"; allowed: whole numbers from ${least} to ${most}`);
}

/** Whether the words ask how a command is called. */
export function wantsHelp(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  return args.slice(0, end < 0 ? args.length : end).includes("--help");
}
