import { CometClient } from "../../client/comet/comet_client.ts";
import type { ConnectionState } from "../../client/comet/connection_state.ts";
import { stopRequested } from "../base/stop_signals.ts";
import { readSettings } from "../config/setting_sources.ts";
import { formatChannel, parseChannel } from "../protocol/channel.ts";
import { parseRoomPattern } from "../protocol/room_pattern.ts";
import { parseArguments, parseWholeNumber } from "./arguments.ts";
import { type ClientSettings, explainError, readClientSettings } from "./client/client_settings.ts";
import { CursorFile } from "./client/cursor_file.ts";
import { loadHistory } from "./client/load_history.ts";
import { Printer } from "./client/printer.ts";
import type { Command } from "./command.ts";
import { CommandError, UsageError } from "./command_error.ts";

/** `halley tail` */
export const TAIL: Command = {
  usage: `usage: halley tail CHANNEL... [options]

Prints new messages as they arrive, one per line, until Ctrl-C, and says which were edited or deleted.

  CHANNEL        room:<name>, 'room:<beginning>-*' for all rooms that begin so, or everyone for the
                 notices to everyone
  --json         print each message as JSON, and each edit, deletion and reaction as
                 {"id", "message", "channel", "at"}
  --cursor FILE  store the position in a file, and continue there the next time; after kill -9,
                 the last lines may be printed again
  --history N    first print the last N messages, unless the file has a position
  --limit N      exit after N messages
  --help         print this help

HALLEY_URL (http://127.0.0.1:8000) is the address of the server, and HALLEY_KEY an API key with the
scope read (and patterns, for all rooms that begin so), or a token of your application that may read
the channels (AUTH=jwt): set them in the environment or in .env. While the server is unavailable, tail
waits. If messages are lost for good, it says so on the standard error.

The status is 0 after Ctrl-C, --limit, or when the output is closed; 1 if the request was rejected
or the output cannot be written; 2 if the arguments are invalid.`,

  async run(args) {
    const options = parseTailOptions(args);
    const server = readClientSettings(await readSettings());
    await printUntil(stopRequested(), options, server);
  },
};

/** The arguments of `halley tail`. */
export interface TailOptions {
  /** Rooms, and `notice`. */
  readonly channels: readonly string[];
  readonly isJson: boolean;
  readonly cursorFile: string | undefined;
  /** Number of messages of the history to print first. */
  readonly history: number;
  readonly limit: number;
}

const OPTIONS = {
  json: { type: "boolean", default: false },
  cursor: { type: "string" },
  history: { type: "string", default: "0" },
  limit: { type: "string" },
} as const;

/** Throws a `UsageError`. */
export function parseTailOptions(args: readonly string[]): TailOptions {
  const { values: { json, cursor, history, limit }, positionals } = parseArguments(args, OPTIONS);
  if (positionals.length === 0) throw new UsageError("Name at least one CHANNEL to print");
  if (cursor === "") throw new UsageError("--cursor needs the name of a file");
  return {
    channels: [...new Set(positionals.map(parseTailChannel))],
    isJson: json,
    cursorFile: cursor,
    history: parseWholeNumber("history", history, { min: 0, max: 100_000 }),
    limit: limit === undefined
      ? Infinity
      : parseWholeNumber("limit", limit, { min: 1, max: 1_000_000_000 }),
  };
}

function parseTailChannel(text: string): string {
  if (text === "everyone") return "notice";
  const channel = parseChannel(text);
  if (channel?.kind === "room") return formatChannel(channel);
  const pattern = parseRoomPattern(text);
  if (pattern !== undefined) return pattern;
  throw new UsageError(
    `"${text}" is not a valid CHANNEL: use room:<name>, room:<beginning>-* or everyone`,
  );
}

/** Resolves at `stop`, at the limit, or when the output is closed. Throws a `CommandError`. */
async function printUntil(
  stop: Promise<void>,
  options: TailOptions,
  { url, key }: ClientSettings,
): Promise<void> {
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
  const file = options.cursorFile === undefined ? undefined : new CursorFile(options.cursorFile);
  const position = file?.read();
  const onEnd = (error?: CommandError) => error === undefined ? resolve() : reject(error);
  const printer = new Printer({ ...options, file, position, onEnd });
  using client = new CometClient({
    url,
    privateToken: key,
    channels: options.channels.filter((channel) => channel !== "notice"),
    ...(position && { cursor: position.cursor }),
  });
  const fail = (error: unknown) => printer.end(new CommandError(explainError(error, url)));

  // Events that arrive while the history is loaded wait until it is printed.
  const count = position ? 0 : Math.min(options.history, options.limit);
  let queue: (() => void)[] | undefined = count === 0 ? undefined : [];
  const inOrder = (print: () => void) => queue === undefined ? print() : void queue.push(print);
  client.on("gap", () =>
    inOrder(() => {
      console.error("Messages may be missing here: the server no longer has them");
      printer.onGap();
    }));
  client.on("message", (message) => inOrder(() => printer.print(message)));
  client.on("change", (change) => inOrder(() => printer.printChange(change)));
  client.on("cursor", (cursor) => inOrder(() => printer.moveTo(cursor)));
  // Loaded only once there is a cursor, so that no message is missed between the history and the first event.
  const firstCursor = queue && client.on("cursor", async () => {
    firstCursor?.[Symbol.dispose]();
    try {
      printer.printHistory(await loadHistory(client, options.channels, count));
      for (const print of queue ?? []) print();
      queue = undefined;
    } catch (error) {
      fail(error);
    }
  });
  client.on("refused", ({ channel, code }) => {
    if (code !== "too_many_rooms") {
      return printer.end(
        new CommandError(`HALLEY_KEY does not have the right to read "${channel}"`),
      );
    }
    console.error(`${url} has no space for "${channel}" now. It is printed as soon as there is`);
  });
  const outage = new OutageLog(url);
  client.on("state", (state) => {
    outage.onState(state);
    if (state.name === "stopped" && state.reason !== "asked") fail(state.problem);
  });
  client.startWaiting();
  await Promise.race([ended, stop]);
  printer.end();
  await ended;
}

/** Prints once that the server is unavailable, and that it is available again. */
class OutageLog {
  readonly #url: string;
  #isUnavailable = false;

  constructor(url: string) {
    this.#url = url;
  }

  onState(state: ConnectionState): void {
    const { name } = state;
    if (name === "waiting" && !this.#isUnavailable) {
      const seen = state.problem ? ` (${explainError(state.problem, this.#url)})` : "";
      console.error(`${this.#url} is unavailable or asks to wait${seen}. Retrying`);
      this.#isUnavailable = true;
    }
    if (name === "connected" && this.#isUnavailable) {
      console.error(`${this.#url} is available again`);
      this.#isUnavailable = false;
    }
  }
}
