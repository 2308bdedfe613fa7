import { errorMessage } from "../../base/error_message.ts";
import { CommandError } from "../command_error.ts";

/** How far a reader has printed: everything before `cursor`, and after it the messages with ids up to `printedUpTo`. */
export interface Position {
  readonly cursor: string;
  readonly printedUpTo?: number;
}

/** More than the length of any position, in characters. */
const MAX_LENGTH = 400;

/** Formats a position as one line. */
export function formatPosition({ cursor, printedUpTo }: Position): string {
  return printedUpTo === undefined ? `${cursor}\n` : `${cursor} ${printedUpTo}\n`;
}

/** Parses a position. Returns `undefined` if the text is invalid. */
export function parsePosition(text: string): Position | undefined {
  const [, cursor, id] = /^([\x21-\x7e]+)(?: (\d{1,15}))?\n$/.exec(text) ?? [];
  if (cursor === undefined || text.length > MAX_LENGTH) return undefined;
  return { cursor, ...(id !== undefined && { printedUpTo: Number(id) }) };
}

/** Stores the position of a reader in a file, so that the next run continues there. Its methods throw a `CommandError`. */
export class CursorFile {
  readonly #path: string;
  #written = "";

  constructor(path: string) {
    this.#path = path;
  }

  /** Returns the stored position; `undefined` if the file is missing or empty. Throws if the file is something else. */
  read(): Position | undefined {
    const text = this.#readText();
    const position = parsePosition(text);
    if (text !== "" && position === undefined) {
      throw new CommandError(
        `"${this.#path}" does not contain a cursor, and was not changed. Name another file`,
      );
    }
    this.#written = text;
    return position;
  }

  /** Replaces the stored position. After a crash, the file has either the old one or the new one. */
  write(position: Position): void {
    const text = formatPosition(position);
    if (text === this.#written) return;
    const draft = `${this.#path}.new`;
    try {
      writeDurably(draft, text);
      Deno.renameSync(draft, this.#path);
    } catch (error) {
      throw new CommandError(`Cannot write "${this.#path}": ${errorMessage(error)}`);
    }
    this.#written = text;
  }

  /** Reads no more than is needed to see that a file is something else. */
  #readText(): string {
    try {
      using file = Deno.openSync(this.#path);
      const bytes = new Uint8Array(MAX_LENGTH + 1);
      const length = file.readSync(bytes) ?? 0;
      return new TextDecoder().decode(bytes.subarray(0, length));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return "";
      throw new CommandError(`Cannot read "${this.#path}": ${errorMessage(error)}`);
    }
  }
}

function writeDurably(path: string, text: string): void {
  using file = Deno.openSync(path, { write: true, create: true, truncate: true });
  file.writeSync(new TextEncoder().encode(text));
  // Otherwise, the rename could survive a power failure that the content does not.
  file.syncDataSync();
}
