import { CommandError } from "./command_error.ts";

/** Where a reader is: all before `cursor` was printed, and after it what has ids up to `printedUpTo`. */
export interface Place {
  readonly cursor: string;
  readonly printedUpTo?: number;
}

/** Longer than any place is written. */
const LONGEST = 400;

/** Writes a place as one line. */
export function formatPlace({ cursor, printedUpTo }: Place): string {
  return printedUpTo === undefined ? `${cursor}\n` : `${cursor} ${printedUpTo}\n`;
}

/** Reads a place; `undefined` for what is none. */
export function parsePlace(text: string): Place | undefined {
  const [, cursor, id] = /^([\x21-\x7e]+)(?: (\d{1,15}))?\n$/.exec(text) ?? [];
  if (cursor === undefined || text.length > LONGEST) return undefined;
  return { cursor, ...(id !== undefined && { printedUpTo: Number(id) }) };
}

/** Keeps a reader's place in a file, so that it reads on there. Throws a `CommandError`. */
export class CursorFile {
  readonly #path: string;
  #written = "";

  constructor(path: string) {
    this.#path = path;
  }

  /** The place that is kept. A file that is missing or empty keeps none; one that is something else is left alone. */
  read(): Place | undefined {
    const text = this.#readText();
    const place = parsePlace(text);
    if (text !== "" && place === undefined) {
      throw new CommandError(`"${this.#path}" is no file with a cursor: it is left as it is`);
    }
    this.#written = text;
    return place;
  }

  /** Keeps a place in the stead of the last one: whatever happens, one of the two is in the file. */
  write(place: Place): void {
    const text = formatPlace(place);
    if (text === this.#written) return;
    const draft = `${this.#path}.new`;
    try {
      writeDurably(draft, text);
      Deno.renameSync(draft, this.#path);
    } catch (error) {
      throw new CommandError(`Cannot write "${this.#path}": ${reasonOf(error)}`);
    }
    this.#written = text;
  }

  #readText(): string {
    try {
      // Whatever is much longer is none, and need not be read.
      using file = Deno.openSync(this.#path);
      const bytes = new Uint8Array(LONGEST + 1);
      const length = file.readSync(bytes) ?? 0;
      return new TextDecoder().decode(bytes.subarray(0, length));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return "";
      throw new CommandError(`Cannot read "${this.#path}": ${reasonOf(error)}`);
    }
  }
}

function writeDurably(path: string, text: string): void {
  using file = Deno.openSync(path, { write: true, create: true, truncate: true });
  file.writeSync(new TextEncoder().encode(text));
  // Else the name could outlive a crash of the machine, and the text not.
  file.syncDataSync();
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
