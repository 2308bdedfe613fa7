import { fromNow, hasPassed } from "../../server/base/clock.ts";
import { delay } from "../../server/base/delay.ts";
import { deadline } from "../../server/base/deadline.ts";

/** How to run a program, and how to check whether it is ready. */
export interface Program {
  readonly name: string;
  readonly args: readonly string[];
  readonly isReady: () => Promise<boolean>;
}

/** In ms: generous, for a busy machine; and the interval between two checks. */
const TIMEOUT = 60_000;
const INTERVAL = 50;

/** A program in a process that can be killed and started again. It is killed when disposed. */
export class RestartableProcess implements AsyncDisposable {
  readonly #program: Program;
  #child: Deno.ChildProcess | undefined;
  #output = "";
  #hasEnded = false;
  #reading: Promise<void> = Promise.resolve();

  /** Starts it, without waiting until it is ready. */
  constructor(program: Program) {
    this.#program = program;
    this.#spawn();
  }

  /** The end of its standard error. */
  get output(): string {
    return this.#output;
  }

  /** Waits until it is ready. */
  async ready(): Promise<void> {
    const end = fromNow(TIMEOUT);
    while (!await this.#program.isReady()) {
      if (this.#hasEnded || hasPassed(end)) {
        throw new Error(`${this.#program.name} is not ready\n${this.#output}`);
      }
      await delay(INTERVAL);
    }
  }

  /** Ends it, and waits until it has ended. */
  async kill(signal: Deno.Signal = "SIGKILL"): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined) return;
    child.kill(signal);
    await deadline(child.status, TIMEOUT);
    await this.#reading;
  }

  /** Stops it without closing its connections, until the result is disposed. */
  freeze(): Disposable {
    const child = this.#child;
    child?.kill("SIGSTOP");
    return { [Symbol.dispose]: () => child?.kill("SIGCONT") };
  }

  /** Starts it again, and waits until it is ready. */
  async restart(): Promise<void> {
    this.#spawn();
    await this.ready();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  #spawn(): void {
    const { name, args } = this.#program;
    const streams = { stdin: "null", stdout: "null", stderr: "piped" } as const;
    this.#child = new Deno.Command(name, { args: [...args], ...streams }).spawn();
    this.#hasEnded = false;
    this.#reading = this.#read(this.#child.stderr);
  }

  async #read(output: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    for await (const text of output.pipeThrough(new TextDecoderStream())) {
      this.#output = (this.#output + text).slice(-4_000);
    }
    this.#hasEnded = true;
  }
}

/** Whether a program is installed. If not, prints what is not tested. */
export async function isInstalled(program: string, untested: string): Promise<boolean> {
  try {
    await new Deno.Command(program, { args: ["-v"], stdout: "null", stderr: "null" }).output();
    return true;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    console.error(`\n!!! ${untested} NOT tested: there is no ${program} on this machine.\n`);
    return false;
  }
}

/** Whether a URL responds with a 2xx status. */
export async function respondsOk(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false; // It does not listen yet.
  }
}
