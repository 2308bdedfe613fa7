import { formatChannel, parseChannel } from "../../protocol/channel.ts";
import { UsageError } from "./command_error.ts";
import { readWholeNumber, readWords } from "./words.ts";

/** How one reads from a shell. */
export const TAIL_USAGE = `usage: halley tail CHANNEL... [options]

Prints messages as they come, from now on, one on a line, until Ctrl-C.

  CHANNEL        room:<name>, or everyone for the notices to everyone
  --json         print each message as JSON
  --cursor FILE  keep the place in a file, and read on there the next time; after kill -9
                 the last lines may come again
  --history N    print the last N messages first, unless the file says where to read on
  --limit N      end after N messages
  --help         print this

HALLEY_URL (http://127.0.0.1:8000) says where the server is, and HALLEY_KEY holds an API key with
the scope read: in the environment or in .env. When the server is away, it is waited for. Messages
that are gone for good are told on the standard error.

The status is 0 when it was ended, by Ctrl-C, by --limit or by the reader of its output; 1 if it was
refused, or could not write; 2 if the call was wrong.`;

/** What is to be read. */
export interface TailOptions {
  /** Rooms, and `notice`. */
  readonly channels: readonly string[];
  readonly isJson: boolean;
  readonly cursorFile: string | undefined;
  readonly history: number;
  readonly limit: number;
}

const OPTIONS = {
  json: { type: "boolean", default: false },
  cursor: { type: "string" },
  history: { type: "string", default: "0" },
  limit: { type: "string" },
} as const;

/** Reads the words behind `halley tail`. Throws a `UsageError`. */
export function parseTailOptions(args: readonly string[]): TailOptions {
  const { values: { json, cursor, history, limit }, positionals } = readWords(args, OPTIONS);
  if (positionals.length === 0) throw new UsageError("It is not said what to read");
  if (cursor === "") throw new UsageError("--cursor wants the name of a file");
  return {
    channels: [...new Set(positionals.map(readChannel))],
    isJson: json,
    cursorFile: cursor,
    history: readWholeNumber("history", history, { least: 0, most: 100_000 }),
    limit: limit === undefined
      ? Infinity
      : readWholeNumber("limit", limit, { least: 1, most: 1_000_000_000 }),
  };
}

function readChannel(word: string): string {
  if (word === "everyone") return "notice";
  const channel = parseChannel(word);
  if (channel?.kind === "room") return formatChannel(channel);
  throw new UsageError(`"${word}" cannot be read; allowed: room:<name>, and everyone`);
}
