import { within } from "../support/server_process.ts";

/** How a program is run, and how it is known to be ready. */
export interface Program {
  readonly name: string;
  readonly args: readonly string[];
  readonly isReady: () => Promise<boolean>;
}

/** Nothing that is waited for here takes so long (ms), however busy the machine is. */
const PATIENCE = 60_000;
const ROUND = 50;

/** A program in a process that may be killed, and started again. Disposed, it is killed. */
export class MortalProcess implements AsyncDisposable {
  readonly #program: Program;
  #child: Deno.ChildProcess | undefined;
  #said = "";
  #hasEnded = false;
  #heard: Promise<void> = Promise.resolve();

  /** Starts it, without waiting until it is ready. */
  constructor(program: Program) {
    this.#program = program;
    this.#spawn();
  }

  /** What it has said, the last of it. */
  get said(): string {
    return this.#said;
  }

  /** Waits until it is ready. */
  async ready(): Promise<void> {
    const end = Date.now() + PATIENCE;
    while (!await this.#program.isReady()) {
      if (this.#hasEnded || Date.now() > end) {
        throw new Error(`${this.#program.name} is not ready\n${this.#said}`);
      }
      await new Promise((resolve) => setTimeout(resolve, ROUND));
    }
  }

  /** Ends it. */
  async die(signal: Deno.Signal = "SIGKILL"): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined) return;
    child.kill(signal);
    await within(PATIENCE, child.status);
    await this.#heard;
  }

  /** Starts it again, and waits until it is ready. */
  async rise(): Promise<void> {
    this.#spawn();
    await this.ready();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.die();
  }

  #spawn(): void {
    const { name, args } = this.#program;
    const streams = { stdin: "null", stdout: "null", stderr: "piped" } as const;
    this.#child = new Deno.Command(name, { args: [...args], ...streams }).spawn();
    this.#hasEnded = false;
    this.#heard = this.#hear(this.#child.stderr);
  }

  async #hear(output: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    for await (const text of output.pipeThrough(new TextDecoderStream())) {
      this.#said = (this.#said + text).slice(-4_000);
    }
    this.#hasEnded = true;
  }
}

/** Whether a program is installed; where it is not, says aloud what is not tested. */
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

/** Whether an address answers with a status of 2xx. */
export async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false; // Nobody listens yet.
  }
}
