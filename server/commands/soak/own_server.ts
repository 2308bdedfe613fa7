import { join } from "node:path";
import manifest from "../../../deno.json" with { type: "json" };
import { fromNow, hasPassed } from "../../base/clock.ts";
import { deadline } from "../../base/deadline.ts";
import { delay } from "../../base/delay.ts";
import { errorMessage } from "../../base/error_message.ts";
import { ReservedPort } from "../../base/reserved_port.ts";
import { onStopSignal } from "../../base/stop_signals.ts";
import { CommandError } from "../command_error.ts";

/** Maximum time (ms) until the server is ready, or has ended: generous, for a busy machine. */
const TIMEOUT = 30_000;

/** How often (ms) to check whether the server is ready. */
const INTERVAL = 50;

/** The file in the server's folder with its log. */
const LOG_FILE = "server.log";

/** The run's own server, in its own process and folder. It can be killed and started again with the same database. */
export class OwnServer implements AsyncDisposable {
  readonly url: string;
  readonly #folder: string;
  readonly #command: readonly string[];
  readonly #settings: Readonly<Record<string, string>>;
  readonly #port = new ReservedPort();
  #process: Deno.ChildProcess | undefined;
  #logging: Promise<void> = Promise.resolve();
  readonly #stopSignals = onStopSignal(() => this.#exit());
  #keepsFolder = false;

  /** Starts `program`, or this program, and waits until it is ready. Throws a `CommandError`. */
  static async start(
    program: string | undefined,
    settings: Readonly<Record<string, string>>,
  ): Promise<OwnServer> {
    await using started = new AsyncDisposableStack();
    const folder = await Deno.makeTempDir({ prefix: "halley-soak-" });
    const command = program === undefined ? THIS_PROGRAM : [program];
    const server = started.use(new OwnServer(folder, command, settings));
    await server.restart();
    started.move();
    return server;
  }

  private constructor(
    folder: string,
    command: readonly string[],
    settings: Readonly<Record<string, string>>,
  ) {
    this.#folder = folder;
    this.#command = command;
    this.#settings = settings;
    this.url = `http://127.0.0.1:${this.#port.number}/`;
  }

  /** Starts it again after {@linkcode end}, and waits until it is ready. */
  async restart(): Promise<void> {
    const process = this.#process = this.#spawn();
    const file = await Deno.open(join(this.#folder, LOG_FILE), { append: true, create: true });
    this.#logging = process.stderr.pipeTo(file.writable);
    if (!await this.#isReady(process)) throw await this.#failure("did not become ready");
  }

  /** Sends a signal, waits until the process has ended, and returns its status. */
  async end(signal: "SIGKILL" | "SIGTERM"): Promise<Deno.CommandStatus> {
    const process = this.#process;
    if (process === undefined) throw new Error("The server is not running");
    tryToKill(process, signal);
    const status = await deadline(process.status, TIMEOUT).catch(() => undefined);
    if (status === undefined) {
      throw await this.#failure(`did not end within ${TIMEOUT} ms after ${signal}`);
    }
    await this.#logging;
    return status;
  }

  /** Keeps its folder when it is disposed. Returns the path. */
  keepFolder(): string {
    this.#keepsFolder = true;
    return this.#folder;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopSignals[Symbol.dispose]();
    if (this.#process !== undefined) {
      tryToKill(this.#process, "SIGKILL");
      await this.#process.status;
      await this.#logging;
    }
    this.#port[Symbol.dispose]();
    if (!this.#keepsFolder) await Deno.remove(this.#folder, { recursive: true });
  }

  #spawn(): Deno.ChildProcess {
    const [program = "", ...args] = this.#command;
    const settings = {
      PORT: String(this.#port.number),
      DRAIN_DELAY: "100",
      LIMITS: "off",
      LOG_LEVEL: "warn",
    };
    const env = { ...denoEnvironment(), ...settings, ...this.#settings };
    const streams = { stdin: "null", stdout: "null", stderr: "piped" } as const;
    const options = { args, cwd: this.#folder, clearEnv: true, env, ...streams };
    try {
      return new Deno.Command(program, options).spawn();
    } catch (error) {
      const advice = "Start a server yourself, and give its address with --url";
      throw new CommandError(`Cannot start a server: ${errorMessage(error)}\n${advice}`);
    }
  }

  /** Leaves nothing behind when soak is interrupted. */
  #exit(): void {
    if (this.#process) tryToKill(this.#process, "SIGKILL");
    Deno.removeSync(this.#folder, { recursive: true });
    Deno.exit(130);
  }

  async #isReady(process: Deno.ChildProcess): Promise<boolean> {
    const state = { hasEnded: false };
    process.status.then(() => state.hasEnded = true);
    const end = fromNow(TIMEOUT);
    while (!state.hasEnded && !hasPassed(end)) {
      if (await respondsReady(this.url)) return true;
      await delay(INTERVAL);
    }
    return false;
  }

  async #failure(problem: string): Promise<CommandError> {
    this.keepFolder();
    const log = await Deno.readTextFile(join(this.#folder, LOG_FILE));
    const lastLines = log.trimEnd().split("\n").slice(-10).join("\n");
    return new CommandError(`The server in ${this.#folder} ${problem}\n${lastLines}`);
  }
}

/** The command that starts this program as a server: the executable, or the sources as `deno task start` runs them. */
const THIS_PROGRAM: readonly string[] = Deno.build.standalone ? [Deno.execPath()] : fromSources();

function fromSources(): readonly string[] {
  const main = join(import.meta.dirname ?? ".", "..", "..", "..", "main.ts");
  const words = manifest.tasks.start.command.split(" ");
  return [Deno.execPath(), ...words.slice(1, -1), main];
}

async function respondsReady(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}ready`, { signal: AbortSignal.timeout(TIMEOUT) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false; // It does not listen yet.
  }
}

function tryToKill(process: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    process.kill(signal);
  } catch {
    // It has ended by itself.
  }
}

function denoEnvironment(): Record<string, string> {
  const names = ["PATH", "HOME", "DENO_DIR"];
  return Object.fromEntries(names.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  }));
}
