import { fromNow, hasPassed } from "../../../server/base/clock.ts";
import { delay } from "../../../server/base/delay.ts";
import { ReservedPort } from "../../../server/base/reserved_port.ts";

/** Maximum time (ms) until Redis listens. */
const TIMEOUT = 20_000;

/** A Redis that some servers store messages in. It is as if on another machine: it is not restarted with them. */
export class Redis implements AsyncDisposable {
  readonly #port = new ReservedPort();
  readonly #process: Deno.ChildProcess;

  get port(): number {
    return this.#port.number;
  }

  /** Starts Redis with its defaults, except that it writes no file. Resolves when it listens. */
  static async start(): Promise<Redis> {
    const redis = new Redis();
    const end = fromNow(TIMEOUT);
    while (!await listens(redis.port)) {
      if (hasPassed(end)) {
        await redis[Symbol.asyncDispose]();
        throw new Error(`Redis did not listen within ${TIMEOUT} ms`);
      }
      await delay(20);
    }
    return redis;
  }

  private constructor() {
    this.#process = new Deno.Command("redis-server", {
      args: ["--bind", "127.0.0.1", "--port", String(this.port), "--save", ""],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#process.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
    await this.#process.status;
    this.#port[Symbol.dispose]();
  }
}

/** Whether something listens on a port of this machine. */
export async function listens(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch {
    return false;
  }
}
