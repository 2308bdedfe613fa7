import { join } from "node:path";
import manifest from "../../deno.json" with { type: "json" };

/** How a Halley is started. */
export interface ProcessOptions {
  /** Its environment: of that of the tests it gets only what Deno needs. Without `PORT` it takes any free port. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  /** Files that lie in its folder when it starts, by name. */
  readonly files?: Readonly<Record<string, string>>;
  /** Where it runs: by default a new folder, which is removed at the end; one that is named is kept. */
  readonly folder?: string;
  /** What is run: by default the sources, as `deno task start` runs them. */
  readonly command?: readonly string[];
}

/** How a Halley ended, and all that it said. */
export interface Ending {
  readonly code: number;
  readonly signal: Deno.Signal | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How the sources are run: the command of `deno task start`, from whatever folder. */
export const FROM_SOURCES: readonly string[] = manifest.tasks.start.command.split(" ").map(
  (word) =>
    ({ "deno": Deno.execPath(), "main.ts": join(import.meta.dirname!, "../../main.ts") })[word] ??
      word,
);

/** Nothing that is waited for here takes so long (ms), however busy the machine is. */
const PATIENCE = 30_000;

const LISTENS = /^Halley \S+ listens on (https?:\/\/\S+)$/;

/** A Halley in a process of its own. Disposed, it is killed with SIGKILL, if it has not ended, and leaves nothing. */
export class ServerProcess implements AsyncDisposable {
  readonly folder: string;
  readonly #isOwnFolder: boolean;
  readonly #child: Deno.ChildProcess;
  readonly #stdout: Lines;
  readonly #stderr: Lines;
  #hasEnded = false;

  /** Starts a Halley, and waits until it listens. */
  static async start(options: ProcessOptions = {}): Promise<ServerProcess> {
    await using started = new AsyncDisposableStack();
    const halley = started.use(await ServerProcess.spawn(options));
    await halley.line(LISTENS);
    started.move();
    return halley;
  }

  /** Starts a Halley that may not get as far as listening. */
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
      env: { ...whatDenoNeeds(), PORT: "0", ...settings },
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

  /** Where it listens, as its first line says. */
  get url(): string {
    const [, url] = LISTENS.exec(this.#stdout.text.split("\n")[0] ?? "") ?? [];
    if (url === undefined) throw new Error(`Halley does not listen yet\n${this.said}`);
    return url;
  }

  /** All that it has written so far. */
  get said(): string {
    return `stdout:\n${this.#stdout.text}\nstderr:\n${this.#stderr.text}`;
  }

  kill(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** The first line that it has written or will write, to either output, that matches. */
  async line(pattern: RegExp): Promise<string> {
    const found = Promise.any([this.#stdout.find(pattern), this.#stderr.find(pattern)]);
    try {
      return await within(PATIENCE, found);
    } catch (cause) {
      throw new Error(`Halley wrote no line like ${pattern}\n${this.said}`, { cause });
    }
  }

  /** Waits until it has ended. */
  async ended(): Promise<Ending> {
    try {
      const [{ code, signal }] = await within(PATIENCE, this.#end());
      return { code, signal, stdout: this.#stdout.text, stderr: this.#stderr.text };
    } catch (cause) {
      throw new Error(`Halley did not end\n${this.said}`, { cause });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      if (!this.#hasEnded) this.kill("SIGKILL");
    } catch {
      // It has ended in this very moment.
    }
    await this.#end();
    if (this.#isOwnFolder) await Deno.remove(this.folder, { recursive: true });
  }

  #end() {
    return Promise.all([this.#child.status, this.#stdout.read, this.#stderr.read]);
  }
}

/** Runs a Halley that ends by itself, and says how it ended. */
export async function runToEnd(options: ProcessOptions): Promise<Ending> {
  await using halley = await ServerProcess.spawn(options);
  return await halley.ended();
}

/** Rejects when `promise` takes longer than `patience` ms. */
export async function within<T>(patience: number, promise: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`Waited ${patience} ms in vain`)), patience);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The lines of an output, as far as they have come. */
class Lines {
  text = "";
  /** Resolves when the output has ended. */
  readonly read: Promise<void>;
  #grown = Promise.withResolvers<void>();
  #hasEnded = false;

  constructor(output: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.read = this.#read(output);
  }

  /** The first whole line that matches. Rejects when the output ends without one. */
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

function whatDenoNeeds(): Record<string, string> {
  const { PATH, HOME, DENO_DIR } = Deno.env.toObject();
  return {
    NO_COLOR: "1",
    ...(PATH !== undefined && { PATH }),
    ...(HOME !== undefined && { HOME }),
    ...(DENO_DIR !== undefined && { DENO_DIR }),
  };
}
