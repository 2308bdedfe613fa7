import { CometClient } from "../../client/comet/comet_client.ts";
import type { ConnectionState } from "../../client/comet/connection_state.ts";
import { type ClientSettings, readClientSettings } from "./client/client_settings.ts";
import { CommandError } from "./client/command_error.ts";
import { CursorFile } from "./client/cursor_file.ts";
import { explain } from "./client/explain.ts";
import { loadHistory } from "./client/load_history.ts";
import { Printer } from "./client/printer.ts";
import { parseTailOptions, type TailOptions } from "./client/tail_options.ts";
import { stopRequested } from "./stop_request.ts";

export { TAIL_USAGE } from "./client/tail_options.ts";

/** Prints messages as they come, until it is ended; returns the exit status. */
export async function tail(
  args: readonly string[],
  settings: Readonly<Record<string, string>>,
): Promise<number> {
  const options = parseTailOptions(args);
  const server = readClientSettings(settings);
  const stop = stopRequested(() => Deno.exit(130));
  await printUntil(stop, { options, server });
  return 0;
}

/** Resolves when it is told to stop, or when all is printed that is wanted. Throws a `CommandError`. */
async function printUntil(
  stop: Promise<void>,
  { options, server: { url, key } }: {
    readonly options: TailOptions;
    readonly server: ClientSettings;
  },
): Promise<void> {
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
  const file = options.cursorFile === undefined ? undefined : new CursorFile(options.cursorFile);
  const place = file?.read();
  const onEnd = (failure?: CommandError) => failure === undefined ? resolve() : reject(failure);
  const printer = new Printer({ ...options, file, place, onEnd });
  using client = new CometClient({
    url,
    privateToken: key,
    channels: options.channels.filter((channel) => channel !== "notice"),
    ...(place && { cursor: place.cursor }),
  });
  const outage = new Outage(url);
  const fail = (error: unknown) => printer.end(new CommandError(explain(error, url)));

  // While the history is on its way, what comes has to wait.
  let waiting: (() => void)[] | undefined = place || options.history === 0 ? undefined : [];
  const inTurn = (step: () => void) => waiting === undefined ? step() : void waiting.push(step);
  client.on("gap", () =>
    inTurn(() => {
      console.error("Messages may be missing here: the server has them no more");
      printer.onGap();
    }));
  client.on("message", (message) => inTurn(() => printer.print(message)));
  client.on("cursor", (cursor) => inTurn(() => printer.moveTo(cursor)));
  // With the first cursor nothing can fall between the history and what comes.
  const first = waiting && client.on("cursor", async () => {
    first?.[Symbol.dispose]();
    try {
      printer.printPast(await loadHistory(client, options));
      for (const step of waiting ?? []) step();
      waiting = undefined;
    } catch (error) {
      fail(error);
    }
  });
  client.on("state", (state) => {
    outage.note(state);
    if (state.name === "stopped" && state.reason !== "asked") fail(state.problem);
  });
  client.startWaiting();
  await Promise.race([ended, stop]);
  printer.end();
  await ended;
}

/** Tells that the server is away, and that it is there again. */
class Outage {
  readonly #url: string;
  #isTold = false;

  constructor(url: string) {
    this.#url = url;
  }

  note({ name }: ConnectionState): void {
    if (name === "waiting" && !this.#isTold) {
      console.error(`${this.#url} does not answer, or asks to wait. Trying again`);
      this.#isTold = true;
    }
    if (name === "connected" && this.#isTold) {
      console.error(`${this.#url} answers`);
      this.#isTold = false;
    }
  }
}
