import { wallNow } from "../../base/clock.ts";
import { errorMessage } from "../../base/error_message.ts";
import type { Change, Message } from "../../protocol/message.ts";
import { isBelow, isMeantAsPattern } from "../../protocol/room_pattern.ts";
import { CommandError } from "../command_error.ts";
import type { CursorFile, Position } from "./cursor_file.ts";
import { formatChangeLine, formatJsonLine, formatLine, type LineOptions } from "./message_line.ts";
import { writeLine } from "./terminal.ts";

/** What to print, and where to continue. */
export interface PrinterOptions {
  readonly channels: readonly string[];
  readonly isJson: boolean;
  /** Maximum number of messages to print. */
  readonly limit: number;
  readonly file: CursorFile | undefined;
  /** The position to continue from. */
  readonly position: Position | undefined;
  /** Called once, when nothing more is printed: with an error if the output or the position cannot be written. */
  readonly onEnd: (error?: CommandError) => void;
}

/** Prints each message of `halley tail` once, and stores the position behind what has been printed. */
export class Printer {
  readonly #options: PrinterOptions;
  /** Ids of printed messages of the history, which can arrive again. */
  readonly #history = new Set<number>();
  #cursor: string | undefined;
  #printedUpTo: number;
  /** Whether messages after the cursor have been printed. */
  #isAhead = false;
  #count = 0;
  #hasEnded = false;

  constructor(options: PrinterOptions) {
    this.#options = options;
    this.#cursor = options.position?.cursor;
    this.#printedUpTo = options.position?.printedUpTo ?? 0;
  }

  /** Prints messages of the history. */
  printHistory(messages: readonly Message[]): void {
    for (const message of messages) {
      this.#print(message);
      this.#history.add(message.id);
    }
  }

  /** Prints a message that has arrived, unless it is of another channel or has been printed. */
  print(message: Message): void {
    const { id, channel } = message;
    if (id <= this.#printedUpTo || this.#history.has(id)) return;
    if (!this.#isRead(channel) || !this.#print(message)) return;
    this.#printedUpTo = id;
    this.#isAhead = true;
    this.#endAtLimit();
  }

  /**
   * Prints a change that has arrived, unless it is of another channel; reactions only as JSON. Changes follow the messages of
   * their reply, whatever their ids, and are not counted.
   */
  printChange(change: Change): void {
    if (this.#hasEnded || !this.#isRead(change.channel)) return;
    const { isJson } = this.#options;
    const line = isJson ? formatJsonLine(change) : formatChangeLine(change, this.#lineOptions());
    if (line !== undefined) this.#attempt(() => writeLine(line));
  }

  /** Messages are missing, or a new log has begun, whose ids start again. */
  onGap(): void {
    this.#printedUpTo = 0;
    this.#history.clear();
  }

  /** Everything before `cursor` has been printed. */
  moveTo(cursor: string): void {
    if (this.#hasEnded) return;
    this.#cursor = cursor;
    this.#isAhead = false;
    this.#attempt(() => this.#options.file?.write({ cursor }));
    this.#endAtLimit();
  }

  /** Stops printing. The position that it stores can be between two messages of one reply. */
  end(error?: CommandError): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#options.onEnd(error ?? this.#storePosition());
  }

  /** Returns whether the message was printed. */
  #print(message: Message): boolean {
    if (this.#hasEnded) return false;
    this.#attempt(() => writeLine(this.#format(message)));
    if (this.#hasEnded) return false;
    this.#count++;
    return true;
  }

  #format(message: Message): string {
    return this.#options.isJson
      ? formatJsonLine(message)
      : formatLine(message, this.#lineOptions());
  }

  #lineOptions(): LineOptions {
    const { channels } = this.#options;
    return {
      showsChannel: channels.length > 1 || channels.some(isMeantAsPattern),
      now: wallNow(),
    };
  }

  #isRead(channel: string): boolean {
    const { channels } = this.#options;
    return channels.some((one) =>
      one === channel || isMeantAsPattern(one) && isBelow(one, channel)
    );
  }

  #endAtLimit(): void {
    if (this.#count >= this.#options.limit) this.end();
  }

  #storePosition(): CommandError | undefined {
    const [cursor, printedUpTo] = [this.#cursor, this.#printedUpTo];
    if (cursor === undefined || !this.#isAhead) return undefined;
    return errorOf(() => this.#options.file?.write({ cursor, printedUpTo }));
  }

  #attempt(write: () => void): void {
    try {
      const error = errorOf(write);
      if (error) this.end(error);
    } catch (error) {
      // The program that reads the output has closed it. That is not an error.
      if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
      this.end();
    }
  }
}

/** Returns the error of `write`, if it fails. Throws `BrokenPipe`. */
function errorOf(write: () => void): CommandError | undefined {
  try {
    write();
  } catch (error) {
    if (error instanceof CommandError) return error;
    if (error instanceof Deno.errors.BrokenPipe) throw error;
    return new CommandError(`Cannot write the output: ${errorMessage(error)}`);
  }
}
