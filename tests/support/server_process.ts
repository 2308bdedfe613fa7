import { join } from "node:path";
import manifest from "../../deno.json" with { type: "json" };
import { deadline } from "../../server/base/deadline.ts";

/** How to start a server or command in its own process. */
export interface ProcessOptions {
  /** Its environment. It inherits only what Deno needs. Without `PORT` it uses any free port. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  /** Files in its folder when it starts: their texts by name. */
  readonly files?: Readonly<Record<string, string>>;
  /** Its working directory: by default a new folder, which is removed when disposed. */
  readonly folder?: string;
  /** The command to run: by default the sources, as `deno task start` runs them. */
  readonly command?: readonly string[];
}

/** How a process ended, and its output. */
export interface ExitResult {
  readonly code: number;
  readonly signal: Deno.Signal | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the sources: the command of `deno task start`, from any folder. */
export const FROM_SOURCES: readonly string[] = manifest.tasks.start.command.split(" ").map(
  (word) =>
    ({ "deno": Deno.execPath(), "main.ts": join(import.meta.dirname!, "../../main.ts") })[word] ??
      word,
);

/** How long (ms) to wait for a line or an exit: generous, for a busy machine. */
const TIMEOUT = 30_000;

const LISTENS =
  /^Halley \S+ listens on (https?:\/\/\S+)(?: and all other addresses of this machine)?$/;

/** A server or command in its own process. If it still runs when disposed, it is killed with SIGKILL. */
export class ServerProcess implements AsyncDisposable {
  readonly folder: string;
  readonly #isOwnFolder: boolean;
  readonly #child: Deno.ChildProcess;
  readonly #stdout: Lines;
  readonly #stderr: Lines;
  #hasEnded = false;

  /** Starts a server, and waits until it listens. */
  static async start(options: ProcessOptions = {}): Promise<ServerProcess> {
    await using started = new AsyncDisposableStack();
    const halley = started.use(await ServerProcess.spawn(options));
    await halley.line(LISTENS);
    started.move();
    return halley;
  }

  /** Starts a process, without waiting for anything. */
  static async spawn(options: ProcessOptions = {}): Promise<ServerProcess> {
    const folder = options.folder ?? await Deno.makeTempDir({ prefix: "halley-process-" });
    for (const [name, text] of Object.entries(options.files ?? {})) {
      await Deno.writeTextFile(join(folder, name), text);
    }
    return new ServerProcess(folder, options);
  }

  private constructor(folder: string, options: ProcessOptions) {
    const { settings, args = [], command: [program = "", ...words] = FROM_SOURCES } = options;
    this.folder = folder;
    this.#isOwnFolder = options.folder === undefined;
    this.#child = new Deno.Command(program, {
      args: [...words, ...args],
      cwd: folder,
      clearEnv: true,
      env: { ...denoEnvironment(), PORT: "0", ...settings },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#child.status.then(() => this.#hasEnded = true);
    this.#stdout = new Lines(this.#child.stdout);
    this.#stderr = new Lines(this.#child.stderr);
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Its address, from the first line of its output. */
  get url(): string {
    const [, url] = LISTENS.exec(this.#stdout.text.split("\n")[0] ?? "") ?? [];
    if (url === undefined) throw new Error(`The server does not listen yet\n${this.output}`);
    return url;
  }

  /** All that it has written so far, for error messages. */
  get output(): string {
    return `stdout:\n${this.#stdout.text}\nstderr:\n${this.#stderr.text}`;
  }

  kill(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Waits for a line that matches, on either output, and returns it. */
  async line(pattern: RegExp): Promise<string> {
    const found = Promise.any([this.#stdout.find(pattern), this.#stderr.find(pattern)]);
    try {
      return await deadline(found, TIMEOUT);
    } catch (cause) {
      throw new Error(`The process wrote no line that matches ${pattern}\n${this.output}`, {
        cause,
      });
    }
  }

  /** Waits until it has ended. */
  async ended(): Promise<ExitResult> {
    try {
      const [{ code, signal }] = await deadline(this.#end(), TIMEOUT);
      return { code, signal, stdout: this.#stdout.text, stderr: this.#stderr.text };
    } catch (cause) {
      throw new Error(`The process did not end\n${this.output}`, { cause });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      if (!this.#hasEnded) this.kill("SIGKILL");
    } catch {
      // It ended by itself at this moment.
    }
    await this.#end();
    if (this.#isOwnFolder) await Deno.remove(this.folder, { recursive: true });
  }

  #end() {
    return Promise.all([this.#child.status, this.#stdout.read, this.#stderr.read]);
  }
}

/** Runs a process to its end. */
export async function runToEnd(options: ProcessOptions): Promise<ExitResult> {
  await using halley = await ServerProcess.spawn(options);
  return await halley.ended();
}

/** The lines of a stream, as far as they have arrived. */
class Lines {
  text = "";
  /** Resolves when the stream has ended. */
  readonly read: Promise<void>;
  #grown = Promise.withResolvers<void>();
  #hasEnded = false;

  constructor(output: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.read = this.#read(output);
  }

  /** Resolves with the first complete line that matches. Rejects if the stream ends without one. */
  async find(pattern: RegExp): Promise<string> {
    while (true) {
      const line = this.text.split("\n").slice(0, -1).find((line) => pattern.test(line));
      if (line !== undefined) return line;
      if (this.#hasEnded) throw new Error("The output has ended");
      await this.#grown.promise;
    }
  }

  async #read(output: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    for await (const text of output.pipeThrough(new TextDecoderStream())) {
      this.text += text;
      this.#grow();
    }
    this.#hasEnded = true;
    this.#grow();
  }

  #grow(): void {
    const grown = this.#grown;
    this.#grown = Promise.withResolvers();
    grown.resolve();
  }
}

function denoEnvironment(): Record<string, string> {
  const { PATH, HOME, DENO_DIR } = Deno.env.toObject();
  return {
    NO_COLOR: "1",
    ...(PATH !== undefined && { PATH }),
    ...(HOME !== undefined && { HOME }),
    ...(DENO_DIR !== undefined && { DENO_DIR }),
  };
}
