import { freePort } from "../../server/base/free_port.ts";
import { waitUntil } from "../support/wait_until.ts";
import { TestFolder } from "../support/test_folder.ts";

/** Whether the machine can run a NATS server; where it cannot, that is said aloud. */
export function hasNats(): boolean {
  try {
    new Deno.Command("nats-server", { args: ["--version"], stdout: "null" }).outputSync();
    return true;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    console.error(`
!!! Stores over NATS were NOT tested: there is no nats-server on this machine.
!!! \`apt-get install nats-server\`, and run this test again.
`);
    return false;
  }
}

/** A NATS server of a test file's own, with JetStream in a folder of its own, which goes with it. */
export class NatsServer implements AsyncDisposable {
  readonly port = freePort();
  readonly #folder = TestFolder.make();
  readonly #arguments: readonly string[];
  #process: Deno.ChildProcess | undefined;

  static async start(...more: readonly string[]): Promise<NatsServer> {
    const server = new NatsServer(more);
    await server.restart();
    return server;
  }

  private constructor(more: readonly string[]) {
    this.#arguments = more;
  }

  /** As STORE names it. */
  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  async restart(): Promise<void> {
    const args = ["-a", "127.0.0.1", "-p", String(this.port), "-js", "-sd", this.#folder.path];
    this.#process = new Deno.Command("nats-server", {
      args: [...args, ...this.#arguments],
      stdout: "null",
      stderr: "null",
    }).spawn();
    await waitUntil(() => isListening(this.port), "the NATS server listens");
  }

  /** `kill -9` */
  async kill(): Promise<void> {
    this.#process?.kill("SIGKILL");
    await this.#process?.status;
    this.#process = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    this.#folder[Symbol.dispose]();
  }
}

async function isListening(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.ConnectionRefused) return false;
    throw error;
  }
}
