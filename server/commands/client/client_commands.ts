import { send, SEND_USAGE } from "../send.ts";
import { tail, TAIL_USAGE } from "../tail.ts";
import { token, TOKEN_USAGE } from "../token.ts";
import { CommandError, UsageError } from "./command_error.ts";
import { wantsHelp } from "./words.ts";

/** A command by which the executable is a client of a server. */
interface ClientCommand {
  readonly usage: string;
  /** Returns the exit status. Throws a `CommandError` or a `UsageError`. */
  readonly run: (
    args: readonly string[],
    settings: Readonly<Record<string, string>>,
  ) => Promise<number>;
}

const COMMANDS = {
  send: { usage: SEND_USAGE, run: send },
  tail: { usage: TAIL_USAGE, run: tail },
  token: { usage: TOKEN_USAGE, run: token },
} as const satisfies Record<string, ClientCommand>;

/** The names of these commands. */
export type ClientCommandName = keyof typeof COMMANDS;

/** Runs one of these commands; returns its exit status. */
export async function runClientCommand(
  name: ClientCommandName,
  args: readonly string[],
  settings: Readonly<Record<string, string>>,
): Promise<number> {
  const { usage, run } = COMMANDS[name];
  if (wantsHelp(args)) {
    console.log(usage);
    return 0;
  }
  try {
    return await run(args, settings);
  } catch (error) {
    if (error instanceof UsageError) return fail(`${error.message}\n\n${usage}`, 2);
    if (error instanceof CommandError) return fail(error.message, error.status);
    throw error;
  }
}

function fail(message: string, status: number): number {
  console.error(message);
  return status;
}
