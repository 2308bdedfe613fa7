/** A command cannot do what it was asked for; the message says why, and what to do. */
export class CommandError extends Error {
  override readonly name = "CommandError";

  /** `status` is the exit status. */
  constructor(message: string, readonly status = 1) {
    super(message);
  }
}

/** A command was called wrongly; the message says what is wrong. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
