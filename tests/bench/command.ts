import { errorMessage } from "../../server/base/error_message.ts";

/** The options of a command. Prints how to use it and ends the process if that was asked for, or if an option is wrong. */
export function readOptions<T>(
  parse: (args: readonly string[]) => T | undefined,
  usage: string,
): T {
  try {
    const options = parse(Deno.args);
    if (options !== undefined) return options;
    console.log(usage);
    Deno.exit(0);
  } catch (error) {
    console.error(`${errorMessage(error)}\n\n${usage}`);
    Deno.exit(2);
  }
}

/** Aborts at SIGINT or SIGTERM. */
export function abortedBySignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => controller.abort());
  }
  return controller.signal;
}
