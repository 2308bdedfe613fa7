import { parseArgs, type ParseArgsOptionsConfig } from "node:util";
import { errorMessage } from "../base/error_message.ts";
import { UsageError } from "./command_error.ts";

/** Parses the arguments of a command into options and positionals. Throws a `UsageError`. */
export function parseArguments<const T extends ParseArgsOptionsConfig>(
  args: readonly string[],
  options: T,
) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    // node:util explains unknown options and missing values well.
    throw new UsageError(errorMessage(error));
  }
}

/** Parses the value of an option as a whole number. Throws a `UsageError`. */
export function parseWholeNumber(
  option: string,
  value: string,
  { min, max }: { readonly min: number; readonly max: number },
): number {
  const number = /^[0-9]{1,15}$/.test(value) ? Number(value) : NaN;
  if (number >= min && number <= max) return number;
  throw new UsageError(`--${option} is "${value}"; allowed: whole numbers from ${min} to ${max}`);
}
