import type { Peer } from "./peers.ts";
import { nodeCommand } from "./peer_server.ts";
import type { ReaderEvent } from "./tally.ts";

/** The readers of a round: the peer's own client, once for each address, all in one Node process. */
export class Readers implements AsyncDisposable {
  /** What each reader was told, in order. */
  readonly events: readonly ReaderEvent[][];
  readonly #process: Deno.ChildProcess;
  readonly #reading: Promise<void>;
  readonly #numbers: readonly Set<number>[];
  #hasEnded = false;
  #lastArrival = 0;

  constructor(peer: Peer, { installed, urls }: { installed: string; urls: readonly string[] }) {
    this.events = urls.map(() => []);
    this.#numbers = urls.map(() => new Set());
    const { program, args } = nodeCommand("read", peer, { installed, options: { urls } });
    this.#process = new Deno.Command(program, {
      args: [...args],
      stdin: "null",
      stdout: "piped",
      // What a client logs about failed connections.
      stderr: Deno.env.has("DELIVERY_DEBUG") ? "inherit" : "null",
    }).spawn();
    this.#process.status.then(() => this.#hasEnded = true);
    this.#reading = this.#read();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#hasEnded) this.#process.kill("SIGKILL");
    await this.#reading;
    await this.#process.status;
  }

  /** Number of readers that have received the message. Throws if their process has ended. */
  countOf(n: number): number {
    if (this.#hasEnded) throw new Error("The process of the readers has ended");
    return this.#numbers.filter((numbers) => numbers.has(n)).length;
  }

  /** Number of readers that have received any message. */
  get countOfReady(): number {
    if (this.#hasEnded) throw new Error("The process of the readers has ended");
    return this.#numbers.filter(({ size }) => size > 0).length;
  }

  /** When the last message has arrived at any reader: Unix time in ms. */
  get lastArrival(): number {
    return this.#lastArrival;
  }

  async #read(): Promise<void> {
    let rest = "";
    for await (const text of this.#process.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      lines.forEach((line) => this.#onLine(line));
    }
  }

  #onLine(line: string): void {
    const [reader, kind, text, at] = JSON.parse(line);
    if (kind === "message") {
      const n = Number.parseInt(text);
      this.#numbers[reader]?.add(n);
      this.#lastArrival = at;
      this.events[reader]?.push({ kind, n, at });
    } else if (kind === "interrupted" || kind === "gap") {
      this.events[reader]?.push({ kind });
    }
  }
}
