import type { SoakOptions } from "./options.ts";
import type { Standing } from "./run.ts";

/** Where no terminal shows one line that changes, a line is written every so many seconds. */
const SECONDS_PER_LINE = 5;

/** So many remarks are written; the others are counted. */
const REMARKS = 20;

const utf8 = new TextEncoder();

/** Tells on the standard error how a run goes. */
export class Progress implements Disposable {
  readonly #isTerminal = Deno.stderr.isTerminal();
  #seconds = 0;
  #acknowledged = 0;
  #remarks = 0;

  constructor({ seed, readers, senders, rate }: SoakOptions) {
    const cast = `${readers} readers, ${senders} senders, ${rate} messages/s`;
    this.#write(`Halley soak: seed ${seed}, ${cast}\n`);
  }

  /** Shows how things stand; to be called every second. */
  show(standing: Standing): void {
    this.#seconds++;
    const rate = standing.acknowledged - this.#acknowledged;
    if (this.#isTerminal) this.#write(`\r\x1b[K${this.#line(standing, rate)}`);
    else if (this.#seconds % SECONDS_PER_LINE === 0) {
      this.#write(`${this.#line(standing, rate / SECONDS_PER_LINE)}\n`);
    } else return;
    this.#acknowledged = standing.acknowledged;
  }

  /** Writes a line of its own. */
  say(text: string): void {
    if (++this.#remarks <= REMARKS) this.#write(`${this.#isTerminal ? "\r\x1b[K" : ""}${text}\n`);
  }

  [Symbol.dispose](): void {
    if (this.#isTerminal) this.#write("\r\x1b[K");
    if (this.#remarks > REMARKS) this.#write(`… and ${this.#remarks - REMARKS} more such lines\n`);
  }

  #line({ delivered, faults, restarts, lag }: Standing, rate: number): string {
    const parts = [
      `${this.#seconds} s`,
      `${Math.round(rate)} acknowledged/s`,
      `${delivered} delivered`,
      `${faults} faults`,
      `${restarts} restarts`,
      `worst lag ${Math.round(lag)} ms`,
    ];
    return parts.join("   ");
  }

  #write(text: string): void {
    Deno.stderr.writeSync(utf8.encode(text));
  }
}
