/**
 * The server, or a command that works on its data, cannot start for a reason that the operator can fix. The message says
 * what failed and what to do; it is printed without a stack trace.
 */
export class StartError extends Error {
  override readonly name: string = "StartError";
}
