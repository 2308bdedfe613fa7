import { freePort } from "../../server/commands/soak/free_port.ts";
import { ServerProcess } from "../support/server_process.ts";

/** A Halley that dies and rises again, with the same database and at the same address. */
export class MortalHalley implements AsyncDisposable {
  readonly url: string;
  readonly #first: ServerProcess;
  readonly #settings: Readonly<Record<string, string>>;
  #living: ServerProcess;

  static async start(more: Readonly<Record<string, string>> = {}): Promise<MortalHalley> {
    const settings = { PORT: String(freePort()), STORE: "sqlite:tea.db", LIMITS: "off", ...more };
    return new MortalHalley(await ServerProcess.start({ settings }), settings);
  }

  private constructor(first: ServerProcess, settings: Readonly<Record<string, string>>) {
    this.url = first.url;
    this.#first = this.#living = first;
    this.#settings = settings;
  }

  get pid(): number {
    return this.#living.pid;
  }

  /** `kill -9` */
  async die(): Promise<void> {
    this.#living.kill("SIGKILL");
    await this.#living.ended();
  }

  async rise(): Promise<void> {
    const { folder } = this.#first;
    this.#living = await ServerProcess.start({ folder, settings: this.#settings });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#living !== this.#first) await this.#living[Symbol.asyncDispose]();
    // The folder is its own.
    await this.#first[Symbol.asyncDispose]();
  }
}
