/** A command failed for a reason that its user can fix. The message says what to do; it is printed without a stack trace. */
export class CommandError extends Error {
  override readonly name: string = "CommandError";

  /** `status` is the exit status. */
  constructor(message: string, readonly status = 1) {
    super(message);
  }
}

/** The arguments of a command are invalid. The usage of the command is printed after the message. */
export class UsageError extends CommandError {
  override readonly name = "UsageError";

  constructor(message: string) {
    super(message, 2);
  }
}
