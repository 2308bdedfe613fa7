import { join } from "node:path";
import manifest from "../../../deno.json" with { type: "json" };
import { freePort } from "./free_port.ts";
import { atMost, pause } from "./pause.ts";
import { onInterrupt } from "./interrupt.ts";
import { SoakError } from "./soak_error.ts";

/** Nothing takes a server longer than this (ms) to be ready, or to end, however busy the machine is. */
const PATIENCE = 30_000;

/** Whether a server is ready is asked this often (ms). */
const ROUND = 50;

/** What the server says goes into this file of its folder. */
const SAID = "server.log";

/** A server in a process and a folder of its own, which can be killed and started again, with the same database. */
export class OwnServer implements AsyncDisposable {
  readonly url: string;
  readonly #folder: string;
  readonly #command: readonly string[];
  readonly #port: number;
  #child: Deno.ChildProcess | undefined;
  #written: Promise<void> = Promise.resolve();
  readonly #interrupts = onInterrupt(() => this.#vanish());
  #isKept = false;

  /** Starts it, and waits until it is ready. `program` is run instead of this one. Throws a `SoakError`. */
  static async start(program?: string): Promise<OwnServer> {
    await using started = new AsyncDisposableStack();
    const folder = await Deno.makeTempDir({ prefix: "halley-soak-" });
    const server = started.use(new OwnServer(folder, program === undefined ? OWN : [program]));
    await server.rise();
    started.move();
    return server;
  }

  private constructor(folder: string, command: readonly string[]) {
    this.#folder = folder;
    this.#command = command;
    this.#port = freePort();
    this.url = `http://127.0.0.1:${this.#port}/`;
  }

  /** Starts it again after {@linkcode end}, and waits until it is ready. */
  async rise(): Promise<void> {
    const child = this.#child = this.#spawn();
    const file = await Deno.open(join(this.#folder, SAID), { append: true, create: true });
    this.#written = child.stderr.pipeTo(file.writable);
    if (!await this.#isReady(child)) throw await this.#failure("did not get ready");
  }

  /** Sends it a signal, and waits until it has ended; returns how. */
  async end(signal: "SIGKILL" | "SIGTERM"): Promise<Deno.CommandStatus> {
    const child = this.#child;
    if (child === undefined) throw new Error("The server does not run");
    tryToKill(child, signal);
    const status = await atMost(PATIENCE, child.status);
    if (status === undefined) {
      throw await this.#failure(`did not end ${PATIENCE} ms after ${signal}`);
    }
    await this.#written;
    return status;
  }

  /** Its folder is not to be removed; returns its path. */
  keep(): string {
    this.#isKept = true;
    return this.#folder;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#interrupts[Symbol.dispose]();
    if (this.#child !== undefined) {
      tryToKill(this.#child, "SIGKILL");
      await this.#child.status;
      await this.#written;
    }
    if (!this.#isKept) await Deno.remove(this.#folder, { recursive: true });
  }

  #spawn(): Deno.ChildProcess {
    const [program = "", ...args] = this.#command;
    const settings = {
      PORT: String(this.#port),
      STORE: "sqlite:soak.db",
      DRAIN_DELAY: "100",
      LIMITS: "off",
      LOG_LEVEL: "warn",
    };
    const env = { ...whatDenoNeeds(), ...settings };
    const streams = { stdin: "null", stdout: "null", stderr: "piped" } as const;
    const options = { args, cwd: this.#folder, clearEnv: true, env, ...streams };
    try {
      return new Deno.Command(program, options).spawn();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const advice = "Start a server by yourself, and say where it is with --url";
      throw new SoakError(`Cannot start a server: ${reason}\n${advice}`);
    }
  }

  /** What there is to be left behind when the prover is interrupted: nothing. */
  #vanish(): void {
    if (this.#child) tryToKill(this.#child, "SIGKILL");
    Deno.removeSync(this.#folder, { recursive: true });
    Deno.exit(130);
  }

  async #isReady(child: Deno.ChildProcess): Promise<boolean> {
    const state = { hasEnded: false };
    child.status.then(() => state.hasEnded = true);
    const deadline = performance.now() + PATIENCE;
    while (!state.hasEnded && performance.now() < deadline) {
      if (await answersReady(this.url)) return true;
      await pause(ROUND);
    }
    return false;
  }

  async #failure(what: string): Promise<SoakError> {
    this.keep();
    const said = await Deno.readTextFile(join(this.#folder, SAID));
    const last = said.trimEnd().split("\n").slice(-10).join("\n");
    return new SoakError(`The server in ${this.#folder} ${what}\n${last}`);
  }
}

/** How this program is started as a server: the executable, or the sources as `deno task start` runs them. */
const OWN: readonly string[] = Deno.build.standalone ? [Deno.execPath()] : fromSources();

function fromSources(): readonly string[] {
  const main = join(import.meta.dirname ?? ".", "..", "..", "..", "main.ts");
  const words = manifest.tasks.start.command.split(" ");
  return [Deno.execPath(), ...words.slice(1, -1), main];
}

async function answersReady(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}ready`, { signal: AbortSignal.timeout(PATIENCE) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false; // It does not listen yet.
  }
}

function tryToKill(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch {
    // It has ended by itself.
  }
}

function whatDenoNeeds(): Record<string, string> {
  const names = ["PATH", "HOME", "DENO_DIR"];
  return Object.fromEntries(names.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  }));
}
