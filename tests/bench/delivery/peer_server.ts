import { join } from "node:path";
import { fromNow, hasPassed } from "../../../server/base/clock.ts";
import { delay } from "../../../server/base/delay.ts";
import { ReservedPort } from "../../../server/base/reserved_port.ts";
import type { Command, Peer } from "./peers.ts";
import { listens } from "./redis.ts";

/** Maximum time (ms) until a server listens, and until it has ended. */
const TIMEOUT = 30_000;

/** How long (ms) the sender waits for the acknowledgement of a message. */
const ACKNOWLEDGEMENT_TIMEOUT = 5_000;

/** A peer's server in a process of its own. It can be ended, and started again on the same port and in the same folder. */
export class PeerServer implements AsyncDisposable {
  readonly #port: ReservedPort;
  readonly #peer: Peer;
  readonly #command: Command;
  readonly #log: string;
  #process: Deno.ChildProcess | undefined;
  #logging: Promise<void> = Promise.resolve();

  /** Starts the server, with the modules and packages in `installed` and its data in `folder`. */
  static async start(
    peer: Peer,
    { installed, folder, redisPort }: {
      installed: string;
      folder: string;
      redisPort: number | undefined;
    },
  ): Promise<PeerServer> {
    const reserved = new ReservedPort();
    const { number: port } = reserved;
    const command = peer.start === undefined
      ? nodeCommand("serve", peer, { installed, options: { port, redisPort } })
      : await peer.start({ port, folder, redisPort });
    const server = new PeerServer(peer, {
      port: reserved,
      command,
      log: join(folder, "server.log"),
    });
    try {
      await server.start();
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
    return server;
  }

  private constructor(
    peer: Peer,
    { port, command, log }: { port: ReservedPort; command: Command; log: string },
  ) {
    this.#port = port;
    this.#peer = peer;
    this.#command = command;
    this.#log = log;
  }

  get port(): number {
    return this.#port.number;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end("SIGKILL");
    this.#port[Symbol.dispose]();
  }

  /** Resolves when it listens. Throws if it does not. */
  async start(): Promise<void> {
    const { program, args, env = {} } = this.#command;
    const process = this.#process = new Deno.Command(program, {
      args: [...args],
      env: { ...env },
      stdin: "null",
      stdout: "null",
      stderr: "piped",
      // The leader of a process group, which ends as a whole: nginx has a worker.
      detached: true,
    }).spawn();
    const log = await Deno.open(this.#log, { append: true, create: true });
    this.#logging = process.stderr.pipeTo(log.writable);
    const state = { hasEnded: false };
    process.status.then(() => state.hasEnded = true);
    const end = fromNow(TIMEOUT);
    while (!state.hasEnded && !hasPassed(end)) {
      if (await listens(this.port)) return;
      await delay(20);
    }
    const problem = state.hasEnded ? "ended" : `did not listen within ${TIMEOUT} ms`;
    throw new Error(`${this.#peer.title} ${problem}: ${await Deno.readTextFile(this.#log)}`);
  }

  /** Sends a signal, and waits until the process has ended. One that ignores SIGTERM is killed. */
  async end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    const process = this.#process;
    if (process === undefined) return;
    this.#process = undefined;
    kill(process, signal);
    const patience = new AbortController();
    const ended = process.status.then(() => patience.abort());
    delay(TIMEOUT, patience.signal).then(() => kill(process, "SIGKILL"));
    await ended;
    await this.#logging;
  }

  /** Sends a message once. Returns whether the server has acknowledged it. */
  async publish(text: string): Promise<boolean> {
    const { path = "/publish", headers = {} } = this.#peer.publish ?? {};
    try {
      const response = await fetch(`http://127.0.0.1:${this.port}${path}`, {
        method: "POST",
        headers: { "content-type": "text/plain", ...headers },
        body: text,
        signal: AbortSignal.timeout(ACKNOWLEDGEMENT_TIMEOUT),
      });
      await response.body?.cancel();
      return response.ok;
    } catch {
      return false; // It is being restarted.
    }
  }
}

/** How to run `peers/run.mjs`. */
export function nodeCommand(
  role: "serve" | "read",
  peer: Peer,
  { installed, options }: { installed: string; options: Readonly<Record<string, unknown>> },
): Command {
  const json = JSON.stringify({ ...peer.options, ...options });
  return { program: "node", args: [join(installed, "run.mjs"), role, peer.module, json] };
}

function kill({ pid }: Deno.ChildProcess, signal: "SIGKILL" | "SIGTERM"): void {
  try {
    // SIGTERM is for the leader, which stops its workers itself.
    Deno.kill(signal === "SIGKILL" ? -pid : pid, signal);
  } catch {
    // It has ended by itself.
  }
}
