import type { Command } from "../command.ts";
import { parseSoakOptions, type SoakOptions, USAGE } from "./options.ts";
import { formatJson, formatTable, isClean, type Report } from "./report.ts";
import { run, type Status } from "./run.ts";

/**
 * `halley soak`: sends and reads through a faulty network, and counts what is lost, duplicated or out of order. Knows the
 * server only as a client does.
 */
export const SOAK: Command = {
  usage: USAGE,

  async run(args) {
    const options = parseSoakOptions(args);
    const report = await runWithProgress(options);
    for (const finding of report.details) console.error(finding);
    if (report.folder !== undefined) console.error(`Database and log kept in ${report.folder}`);
    console.log(options.isJson ? formatJson(report) : formatTable(report));
    return isClean(report) ? 0 : 1;
  },
};

async function runWithProgress(options: SoakOptions): Promise<Report> {
  using progress = new Progress(options);
  return await run(options, {
    onStatus: (status) => progress.show(status),
    onRemark: (text) => progress.print(text),
  });
}

/** How often to print the status if the standard error is not a terminal. */
const SECONDS_PER_LINE = 5;

/** Maximum number of remarks that are printed. */
const MAX_REMARKS = 20;

/** Moves to the start of the line, and clears it. */
const CLEAR_LINE = "\r\x1b[K";

const utf8 = new TextEncoder();

/** Prints the progress of a run on the standard error: on a terminal, in one line that changes. */
class Progress implements Disposable {
  readonly #isTerminal = Deno.stderr.isTerminal();
  #seconds = 0;
  #acknowledged = 0;
  #remarks = 0;

  constructor({ seed, readers, senders, rate }: SoakOptions) {
    const participants = `${readers} readers, ${senders} senders, ${rate} messages/s`;
    this.#write(`Halley soak: seed ${seed}, ${participants}\n`);
  }

  /** Called every second. */
  show(status: Status): void {
    this.#seconds++;
    const rate = status.acknowledged - this.#acknowledged;
    if (this.#isTerminal) {
      this.#write(`${CLEAR_LINE}${this.#format(status, rate)}`);
    } else if (this.#seconds % SECONDS_PER_LINE === 0) {
      this.#write(`${this.#format(status, rate / SECONDS_PER_LINE)}\n`);
    } else return;
    this.#acknowledged = status.acknowledged;
  }

  /** Prints a remark on its own line. */
  print(text: string): void {
    if (++this.#remarks > MAX_REMARKS) return;
    this.#write(`${this.#isTerminal ? CLEAR_LINE : ""}${text}\n`);
  }

  [Symbol.dispose](): void {
    if (this.#isTerminal) this.#write(CLEAR_LINE);
    const hidden = this.#remarks - MAX_REMARKS;
    if (hidden > 0) this.#write(`… and ${hidden} more remarks\n`);
  }

  #format({ delivered, faults, restarts, lag }: Status, rate: number): string {
    const parts = [
      `${this.#seconds} s`,
      `${Math.round(rate)} acknowledged/s`,
      `${delivered} delivered`,
      `${faults} faults`,
      `${restarts} restarts`,
      `max lag ${Math.round(lag)} ms`,
    ];
    return parts.join("   ");
  }

  #write(text: string): void {
    Deno.stderr.writeSync(utf8.encode(text));
  }
}
