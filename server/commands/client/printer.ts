import type { Message } from "../../protocol/message.ts";
import { CommandError } from "./command_error.ts";
import type { CursorFile, Place } from "./cursor_file.ts";
import { formatJsonLine, formatLine } from "./message_line.ts";
import { writeLine } from "./standard_output.ts";
import type { TailOptions } from "./tail_options.ts";

/** What a printer needs. */
export interface PrinterOptions extends TailOptions {
  readonly file: CursorFile | undefined;
  readonly place: Place | undefined;
  /** Called once: nothing more is to be printed; with the reason if it is a failure. */
  readonly onEnd: (failure?: CommandError) => void;
}

/** Prints each message once, and keeps the place behind what was printed. */
export class Printer {
  readonly #options: PrinterOptions;
  /** What was printed of the history, and may come again. */
  readonly #past = new Set<number>();
  #cursor: string | undefined;
  #printedUpTo: number;
  /** Whether something was printed that lies behind the cursor. */
  #isAhead = false;
  #count = 0;
  #hasEnded = false;

  constructor(options: PrinterOptions) {
    this.#options = options;
    this.#cursor = options.place?.cursor;
    this.#printedUpTo = options.place?.printedUpTo ?? 0;
  }

  /** Prints messages of the history. */
  printPast(messages: readonly Message[]): void {
    for (const message of messages) {
      this.#print(message);
      this.#past.add(message.id);
    }
  }

  /** Prints a message that has come, if it is to be read here. */
  print(message: Message): void {
    const { id, channel } = message;
    if (id <= this.#printedUpTo || this.#past.has(id)) return;
    if (!this.#options.channels.includes(channel) || !this.#print(message)) return;
    this.#printedUpTo = id;
    this.#isAhead = true;
    this.#endAtLimit();
  }

  /** Messages before this may be missing, and ids may begin again. */
  onGap(): void {
    this.#printedUpTo = 0;
    this.#past.clear();
  }

  /** Everything up to `cursor` was printed. */
  moveTo(cursor: string): void {
    if (this.#hasEnded) return;
    this.#cursor = cursor;
    this.#isAhead = false;
    this.#attempt(() => this.#options.file?.write({ cursor }));
    this.#endAtLimit();
  }

  /** Prints no more. The place that is kept may lie between two messages of one reply. */
  end(failure?: CommandError): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#options.onEnd(failure ?? this.#keepPlace());
  }

  /** Returns whether it was printed. */
  #print(message: Message): boolean {
    if (this.#hasEnded) return false;
    this.#attempt(() => writeLine(this.#format(message)));
    if (this.#hasEnded) return false;
    this.#count++;
    return true;
  }

  #format(message: Message): string {
    const { isJson, channels } = this.#options;
    if (isJson) return formatJsonLine(message);
    return formatLine(message, { showsChannel: channels.length > 1, now: Date.now() });
  }

  #endAtLimit(): void {
    if (this.#count >= this.#options.limit) this.end();
  }

  #keepPlace(): CommandError | undefined {
    const [cursor, printedUpTo] = [this.#cursor, this.#printedUpTo];
    if (cursor === undefined || !this.#isAhead) return undefined;
    return failureOf(() => this.#options.file?.write({ cursor, printedUpTo }));
  }

  #attempt(write: () => void): void {
    try {
      const failure = failureOf(write);
      if (failure) this.end(failure);
    } catch (error) {
      // Whoever reads has had enough.
      if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
      this.end();
    }
  }
}

/** Why something could not be written, if it could not. Throws `BrokenPipe`. */
function failureOf(write: () => void): CommandError | undefined {
  try {
    write();
  } catch (error) {
    if (error instanceof CommandError) return error;
    if (error instanceof Deno.errors.BrokenPipe) throw error;
    return new CommandError(`Cannot write: ${error instanceof Error ? error.message : error}`);
  }
}
