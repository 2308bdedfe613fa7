import { ReservedPort } from "../../server/base/reserved_port.ts";
import { ServerProcess } from "./server_process.ts";

/** A server process that can be killed and started again, with the same store and at the same address. */
export class RestartableServer implements AsyncDisposable {
  readonly url: string;
  readonly #port: ReservedPort;
  /** Owns the folder. */
  readonly #first: ServerProcess;
  readonly #settings: Readonly<Record<string, string>>;
  #current: ServerProcess;

  static async start(more: Readonly<Record<string, string>> = {}): Promise<RestartableServer> {
    using opened = new DisposableStack();
    const port = opened.use(new ReservedPort());
    const PORT = String(port.number);
    const settings = { PORT, STORE: "sqlite:tea.db", LIMITS: "off", ...more };
    const first = await ServerProcess.start({ settings });
    opened.move();
    return new RestartableServer(first, port, settings);
  }

  private constructor(
    first: ServerProcess,
    port: ReservedPort,
    settings: Readonly<Record<string, string>>,
  ) {
    this.#port = port;
    this.url = first.url;
    this.#first = this.#current = first;
    this.#settings = settings;
  }

  get pid(): number {
    return this.#current.pid;
  }

  /** Sends SIGKILL, and waits until the process has ended. */
  async kill(): Promise<void> {
    this.#current.kill("SIGKILL");
    await this.#current.ended();
  }

  /** Starts it again after {@linkcode kill}, and waits until it listens. */
  async restart(): Promise<void> {
    const { folder } = this.#first;
    this.#current = await ServerProcess.start({ folder, settings: this.#settings });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#current !== this.#first) await this.#current[Symbol.asyncDispose]();
    await this.#first[Symbol.asyncDispose]();
    this.#port[Symbol.dispose]();
  }
}
